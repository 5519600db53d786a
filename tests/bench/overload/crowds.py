"""Crowds before a service, and how much of what it can do went into good answers."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import msgspec

from tests.bench.overload.generator import Answer, Ask, Load
from tests.bench.requests.kinds import PAID, Asked, check_out, tell
from tests.bench.sides import Ground
from tests.examples import CHOIR
from tests.servers.service import ServiceProcess, bearer

GENERATOR: Final = "tests.bench.overload.generator"
LOOK, MONEY, WEBHOOK = "look", "money", "webhook"
# Of twenty requests, in this order: when a sale begins, more look than buy and more buy
# than have paid.
HALF: Final = (LOOK, MONEY, LOOK, LOOK, MONEY, LOOK, LOOK, MONEY, LOOK)
MIX: Final = (*HALF, WEBHOOK, *HALF, LOOK)
# For how many seconds whoever asks waits; what comes later is no good answer.
PATIENCE: Final[Mapping[str, float]] = {LOOK: 3.0, MONEY: 5.0, WEBHOOK: 10.0}
AT_ONCE: Final = 16
OK: Final = 200
UNAVAILABLE: Final = 503


@dataclass(kw_only=True)
class Town:
    """Where the crowd comes from: nobody buys twice, and one payment is told of."""

    ground: Ground
    service: ServiceProcess
    event: object
    buyers: int = 0

    @classmethod
    async def around(cls, ground: Ground, service: ServiceProcess) -> "Town":
        """Let somebody pay, so that there is an event to tell of again and again."""
        town = cls(ground=ground, service=service, event=None)
        first = town._buyer()
        url = f"{service.url}{first.path}"
        async with ground.stripe.http.request(
            first.method, url, headers=first.headers, data=first.body
        ) as answer:
            page = json.loads(await answer.read())["data"]
        await ground.stripe.press(page["sessionId"], "pay")
        _, found, _ = await ground.stripe.call("GET", PAID)
        [town.event] = found["data"]
        return town

    def asks(self, kinds: Sequence[str], number: int) -> list[Ask]:
        return [self._ask(kinds[n % len(kinds)]) for n in range(number)]

    def _ask(self, kind: str) -> Ask:
        asked = {LOOK: self._look, MONEY: self._buyer, WEBHOOK: self._telling}[kind]()
        body = None if asked.body is None else asked.body.decode()
        url = f"{self.service.url}{asked.path}"
        return Ask(kind, asked.method, url, asked.headers, body)

    def _look(self) -> Asked:
        path = f"/api/programs/{CHOIR}"
        return Asked(method="GET", path=path, headers=bearer("visitor"))

    def _buyer(self) -> Asked:
        self.buyers += 1
        return check_out(f"buyer-{self.buyers}", as_class_rep=False)

    def _telling(self) -> Asked:
        return tell(self.event)

    async def capacity(self, kind: str, *, seconds: float) -> float:
        """Return how many good answers of one kind there are in a second at most."""
        number = 1 if kind != MONEY else 400
        load = Load(asks=self.asks([kind], number), seconds=seconds, at_once=AT_ONCE)
        answers = await generated(load)
        return sum(answer.status == OK for answer in answers) / seconds

    async def crowd(self, per_second: float, *, seconds: float) -> "Outcome":
        number = round(per_second * seconds * 1.5)
        asks = self.asks(MIX, number)
        load = Load(asks=asks, seconds=seconds, per_second=per_second)
        return Outcome(answers=await generated(load), seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a crowd was answered."""

    answers: Sequence[Answer]
    seconds: float

    def good(self, kind: str) -> int:
        return sum(map(is_good, (each for each in self.answers if each.kind == kind)))

    def share(self, kind: str) -> float:
        """Return of how many of a kind the answer was good."""
        asked = sum(each.kind == kind for each in self.answers)
        return self.good(kind) / asked if asked else 1.0

    def goodput(self, capacities: Mapping[str, float]) -> float:
        """Return which part of what the service can do went into good answers.

        A checkout is much more work than a look, and in a crowd the share of each
        changes: so each counts as the time that the service needs for it.
        """
        busy = sum(
            self.good(kind) / per_second for kind, per_second in capacities.items()
        )
        return busy / self.seconds

    @property
    def refused_ms(self) -> float:
        """Return after how long half of the refused knew it; 0 where nobody was."""
        after = [each.took for each in self.answers if each.status == UNAVAILABLE]
        return median(after) * 1000 if after else 0.0

    @property
    def late_ms(self) -> float:
        """Return how late half were asked: that is the fault of whoever asks."""
        return median(each.late for each in self.answers) * 1000


def is_good(answer: Answer) -> bool:
    return answer.status == OK and answer.took <= PATIENCE[answer.kind]


def of_the_mix(capacities: Mapping[str, float]) -> float:
    """Return how many requests of the mix the service can do in a second."""
    seconds = sum(MIX.count(kind) / capacities[kind] for kind in capacities)
    return len(MIX) / seconds


async def generated(load: Load) -> list[Answer]:
    """Let another process ask: its work must not be on the service's bill."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", GENERATOR),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate(msgspec.json.encode(load))
    return msgspec.json.decode(out, type=list[Answer])
