"""Stripe makes events, and none of them comes: somebody is told, once in a while."""

from datetime import timedelta

import pytest
from dependency_injector import providers

from application.ports.hearing import Heard
from application.tell_silence import GRACE, TOLD_AGAIN
from domain.purchase import Buyer, Status
from entrypoints.simulation.outside.clock import NOON, ManualClock
from entrypoints.simulation.outside.hearing import InMemoryHearing
from entrypoints.use_cases import UseCases
from tests.application.world import World, session_of
from tests.examples import ADA
from tests.examples import GRACE as GRACE_HOPPER

MINUTE = timedelta(minutes=1)
SILENT = "webhooks_silent"


class Listening:
    """A world whose service hears what a test lets it hear, and lists the rest."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.hearing = InMemoryHearing()

    def service(self, worker: str = "one") -> UseCases:
        service = self.world.instance(worker=worker)
        service.hearing.override(providers.Object(self.hearing))
        return service

    def hear(self, *, late: timedelta = timedelta()) -> None:
        """Let a webhook come."""
        now = self.world.clock.now()
        self.hearing.note(Heard(at=now, created_at=now - late))

    async def pay(self, buyer: Buyer = ADA) -> None:
        """Let somebody pay, and no webhook come."""
        answer = await self.world.check_out(buyer)
        self.world.payments.pay(session_of(answer.purchase))

    async def listen(self, *, after: timedelta, worker: str = "one") -> list[str]:
        """Listen back, and return the alarms of silence so far."""
        self.world.advance(after)
        await self.service(worker).listen_back()()
        return [code for code in self.world.alerts.codes if code == SILENT]


async def test_an_event_that_no_webhook_brought_is_told_and_learnt_too() -> None:
    listening = Listening()
    listening.hear()
    listening.world.advance(MINUTE)
    await listening.pay()

    assert await listening.listen(after=GRACE) == [SILENT]

    (alert,) = listening.world.alerts.sent
    assert alert.facts == {
        "events": 1,
        "first": "2026-03-02T12:01+00:00",
        "last_heard": "2026-03-02T12:00+00:00",
    }
    assert "`spothold doctor`" in alert.next_step
    assert [row.status for row in listening.world.rows] == [Status.COMPLETED]


async def test_what_may_be_on_its_way_is_no_silence() -> None:
    listening = Listening()
    listening.hear()
    listening.world.advance(MINUTE)
    await listening.pay()

    assert await listening.listen(after=GRACE - MINUTE) == []


async def test_one_that_is_missing_among_others_is_no_silence() -> None:
    listening = Listening()
    await listening.pay()
    listening.world.advance(MINUTE)
    listening.hear()

    assert await listening.listen(after=GRACE) == []


async def test_while_nobody_buys_nothing_is_silent() -> None:
    listening = Listening()
    listening.hear()

    assert await listening.listen(after=timedelta(days=3)) == []


async def test_before_the_first_webhook_only_what_came_since_the_start_counts() -> None:
    listening = Listening()
    await listening.pay()
    assert await listening.listen(after=timedelta(days=1)) == []

    listening.world.advance(MINUTE)
    await listening.pay(GRACE_HOPPER)
    assert await listening.listen(after=GRACE + MINUTE) == [SILENT]


async def test_it_is_told_again_after_hours_by_one_of_the_instances() -> None:
    listening = Listening()
    listening.hear()
    listening.world.advance(MINUTE)
    await listening.pay()

    told = [
        await listening.listen(after=GRACE, worker=worker) for worker in ("one", "two")
    ]
    assert told == [[SILENT], [SILENT]]

    listening.world.advance(TOLD_AGAIN)
    await listening.pay(GRACE_HOPPER)
    assert await listening.listen(after=GRACE) == [SILENT] * 2


@pytest.mark.parametrize("behind", [timedelta(minutes=4), timedelta(minutes=-4)])
async def test_a_clock_that_is_off_makes_no_silence(behind: timedelta) -> None:
    provider_clock = ManualClock()
    provider_clock.advance(behind + timedelta(minutes=10))
    world = World(provider_clock=provider_clock)
    world.advance(timedelta(minutes=10))
    listening = Listening(world)
    await listening.pay()
    (event,) = [event async for event in world.provider_history.events_since(NOON)]
    listening.hearing.note(Heard(at=world.clock.now(), created_at=event.created_at))
    provider_clock.advance(GRACE)

    assert await listening.listen(after=GRACE) == []


async def test_what_no_way_took_is_told_at_the_next_look() -> None:
    listening = Listening()
    listening.hear()
    listening.world.advance(MINUTE)
    await listening.pay()
    listening.world.alerts.is_deaf = True
    assert await listening.listen(after=GRACE) == []
    listening.world.alerts.is_deaf = False

    told = [await listening.listen(after=GRACE, worker=it) for it in ("two", "one")]

    assert told == [[SILENT], [SILENT]]
