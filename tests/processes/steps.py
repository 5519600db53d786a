"""An instance dies at each step of a checkout; the same request carries on.

The steps are what leaves the process: writes to the database and calls to Stripe, each
seen by a proxy on its socket.  At every one the instance that makes it is killed twice:
before the other side has seen the request, and after it has answered.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx

from tests.examples import CHOIR, a_program
from tests.processes.fleet import Fleet
from tests.processes.load import CHECKOUT
from tests.processes.shapes import Shape, fleet_like
from tests.servers.proxy import CutOff, Moment, http_chunk, mongo_frame, watched
from tests.servers.service import ServiceProcess, bearer

STEPS: Final = re.compile(r"(insert|update) (purchases|programs)|POST /v1/.+")
# Insert, take the spot, mark it, open the session, save it.
STEPS_OF_A_CHECKOUT: Final = [
    "insert purchases",
    "update programs",
    "update purchases",
    "POST /v1/checkout/sessions",
    "update purchases",
]
POINTS: Final = len(STEPS_OF_A_CHECKOUT) * len(Moment)
PATIENCE: Final = 30.0  # seconds, of a caller


@dataclass
class Trigger:
    """Kills who makes the step, at one point of its way, counted from the arming."""

    countdown: int | None = None
    seen: list[str] = field(default_factory=list)
    killed: list[ServiceProcess] = field(default_factory=list)

    def arm(self, countdown: int) -> None:
        self.countdown, self.seen, self.killed = countdown, [], []

    def disarm(self) -> None:
        self.countdown = None

    async def watch(self, whose: "Whose", name: str, moment: Moment) -> None:
        if self.countdown is None or not STEPS.fullmatch(name):
            return
        if moment is Moment.BEFORE:
            self.seen.append(name)
        if self.countdown == 0:
            self.killed.append(whose.service)
            whose.service.kill()
        self.countdown -= 1
        if self.countdown < 0:
            raise CutOff


@dataclass(frozen=True)
class Whose:
    """The instance of a fleet that listens on a port, once it is there."""

    fleet: Fleet
    port: int

    @property
    def service(self) -> ServiceProcess:
        [found] = [each for each in self.fleet.services if each.port == self.port]
        return found


@asynccontextmanager
async def watched_ways(
    trigger: Trigger, fleet: Fleet, port: int
) -> AsyncIterator[Mapping[str, str]]:
    """Lead both ways of one instance past the trigger; yield the settings for it."""
    watch = partial(trigger.watch, Whose(fleet, port))
    async with (
        watched(fleet.mongodb_uri, mongo_frame, watch) as database,
        watched(fleet.stripe.url, http_chunk, watch) as stripe,
    ):
        yield {"MONGODB_URI": database, "STRIPE_API_BASE": stripe}


async def kill_at_each_step(
    shape: Shape, *, folder: Path, mongodb_uri: str, database: str
) -> list[str]:
    """Kill at each point in turn; return the steps of a checkout without a kill.

    Raises:
        AssertionError: a point was not reached, or what it left was not made whole.
    """
    trigger = Trigger()
    own = partial(watched_ways, trigger)
    async with fleet_like(
        shape, folder, mongodb_uri=mongodb_uri, database=database, own=own
    ) as fleet:
        await fleet.offer([a_program(class_rep_limit=POINTS + 1)])
        for point in range(POINTS):
            await _kill_at(point, trigger, fleet)
        trigger.arm(POINTS)
        assert (await _check_out(fleet, buyer="grace")).is_success
        return trigger.seen


async def _kill_at(point: int, trigger: Trigger, fleet: Fleet) -> None:
    buyer = f"buyer{point}"
    trigger.arm(point)
    with suppress(httpx.TransportError):
        await _check_out(fleet, buyer=buyer)
    assert trigger.killed, f"point {point} was never reached"
    trigger.disarm()
    [killed] = trigger.killed
    await killed.start()
    again = await _check_out(fleet, buyer=buyer)
    assert again.status_code == httpx.codes.OK, again.text
    await _assert_one_of_each(fleet, buyer, again.json()["data"], point + 1)


async def _check_out(fleet: Fleet, *, buyer: str) -> httpx.Response:
    async with httpx.AsyncClient(
        base_url=fleet.next_url(), timeout=PATIENCE, trust_env=False
    ) as http:
        return await http.post(
            CHECKOUT,
            json={"programId": CHOIR, "isClassRep": True},
            headers=bearer(buyer),
        )


async def _assert_one_of_each(
    fleet: Fleet, buyer: str, answer: dict[str, Any], spots: int
) -> None:
    rows = await fleet.database["purchases"].find({"user_id": buyer}).to_list()
    assert [row["status"] for row in rows] == ["pending"]
    assert rows[0]["_id"] == answer["purchaseId"]
    _, sessions, _ = await fleet.stripe.call("GET", "/v1/checkout/sessions?limit=100")
    named = [session["client_reference_id"] for session in sessions["data"]]
    assert named.count(answer["purchaseId"]) == 1
    program = await fleet.database["programs"].find_one({"_id": CHOIR}) or {}
    assert program["spots"].count(answer["purchaseId"]) == 1
    assert len(program["spots"]) == program["class_rep_count"] == spots
