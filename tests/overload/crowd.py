"""The real door before a processor that is only played, in a time that is played too.

Who comes does not wait for the answers of others, as people do not; who has waited too
long is gone, and what is answered then is worth nothing.
"""

import asyncio
from dataclasses import dataclass, field
from random import Random
from statistics import median
from typing import Any, Final

from entrypoints.http.admission import Admission, Refuser
from entrypoints.http.gate import Gate, Rank, rooms_of
from entrypoints.overload_settings import OverloadSettings
from entrypoints.simulation.outside.metrics import RecordingMetrics

SLICE: Final = 0.004  # seconds of processor before somebody else has a turn
# Half a core, as the smallest instance has: to read a request and, at least, refuse it;
# what each kind takes besides, and how long the database or Stripe keep it.
ARRIVAL: Final = 0.0004
WORK: Final = {Rank.WEBHOOK: 0.012, Rank.MONEY: 0.020, Rank.LOOK: 0.008}
ELSEWHERE: Final = {Rank.WEBHOOK: 0.01, Rank.MONEY: 0.3, Rank.LOOK: 0.005}
# How long whoever asks waits for the answer.
PATIENCE: Final = {Rank.WEBHOOK: 10.0, Rank.MONEY: 5.0, Rank.LOOK: 3.0}
# Of a hundred requests so many are of each kind.
MIX: Final = {Rank.WEBHOOK: 10, Rank.MONEY: 30, Rank.LOOK: 60}
PATHS: Final = {
    Rank.WEBHOOK: ("POST", "/api/webhooks/stripe"),
    Rank.MONEY: ("POST", "/api/purchases/create-checkout-session"),
    Rank.LOOK: ("GET", "/api/programs"),
}
OK: Final = 200


@dataclass(kw_only=True)
class Answers:
    """What came of all who asked, by rank."""

    asked: dict[Rank, int] = field(default_factory=lambda: dict.fromkeys(Rank, 0))
    good: dict[Rank, int] = field(default_factory=lambda: dict.fromkeys(Rank, 0))
    refused_after: list[float] = field(default_factory=list)

    def worth(self) -> float:
        """Return how much of the processor went into answers that came in time."""
        return sum(self.good[rank] * WORK[rank] for rank in Rank)

    def share(self, rank: Rank) -> float:
        return self.good[rank] / self.asked[rank]

    @property
    def refused_within(self) -> float:
        return median(self.refused_after)


class Processor:
    """One core: who needs it takes turns, first come first served, slice by slice."""

    def __init__(self) -> None:
        self._core = asyncio.Lock()

    async def use(self, seconds: float) -> None:
        while seconds > 0:
            async with self._core:
                await asyncio.sleep(min(seconds, SLICE))
            seconds -= SLICE


@dataclass(kw_only=True)
class Crowd:
    """So many a second, for a while."""

    per_second: float
    seconds: float = 8.0
    has_door: bool = True
    answers: Answers = field(default_factory=Answers)

    def __post_init__(self) -> None:
        self._random = Random(7)
        self._processor = Processor()
        asked = OverloadSettings(_env_file=None)
        most, waiting = asked.requests_at_work, asked.requests_waiting
        now = asyncio.get_running_loop().time
        door = Admission(
            app=self._service,
            gate=Gate(most, rooms_of(most, waiting=waiting), now=now),
            metrics=RecordingMetrics,
            refuser=Refuser(cors=None),
        )
        self._app: Any = door if self.has_door else self._service

    async def come(self) -> Answers:
        loop, coming = asyncio.get_running_loop(), list[asyncio.Task[None]]()
        end = loop.time() + self.seconds
        while loop.time() < end:
            await asyncio.sleep(self._random.expovariate(self.per_second))
            [rank] = self._random.choices(list(MIX), [*MIX.values()])
            coming.append(asyncio.create_task(self._ask(rank)))
        await asyncio.gather(*coming)
        return self.answers

    async def _ask(self, rank: Rank) -> None:
        loop = asyncio.get_running_loop()
        began, heard = loop.time(), list[Any]()
        method, path = PATHS[rank]
        state = {"request_id": "r", "rank": rank}
        scope = {"type": "http", "method": method, "path": path, "headers": []}
        self.answers.asked[rank] += 1

        async def hear(message: Any) -> None:
            heard.append(message)

        await self._processor.use(ARRIVAL)
        await self._app({**scope, "state": state}, _Body().receive, hear)
        took = loop.time() - began
        if heard[0]["status"] != OK:
            self.answers.refused_after.append(took)
        elif took <= PATIENCE[rank]:
            self.answers.good[rank] += 1

    async def _service(self, scope: Any, receive: Any, send: Any) -> None:
        """Do what the request needs, be it that nobody waits for it any more."""
        del receive
        rank = scope["state"]["rank"]
        await self._processor.use(WORK[rank] / 2)
        await asyncio.sleep(ELSEWHERE[rank])
        await self._processor.use(WORK[rank] / 2)
        await send({"type": "http.response.start", "status": OK, "headers": []})


class _Body:
    """An empty body, and then silence: nobody hangs up."""

    def __init__(self) -> None:
        self._is_sent = False

    async def receive(self) -> Any:
        if self._is_sent:
            await asyncio.Event().wait()
        self._is_sent = True
        return {"type": "http.request", "body": b"", "more_body": False}


def capacity() -> float:
    """Return how many requests of the mix the processor can do in a second."""
    each = sum(MIX[rank] * WORK[rank] for rank in Rank) / sum(MIX.values())
    return 1 / (each + ARRIVAL)
