import asyncio
from dataclasses import replace

from application.ports.orphans import Orphan, OrphanReason
from tests.contracts.examples import MINUTE, NOON, paid_session
from tests.contracts.storage import NEVER_YIELDS, Storage, beyond_mongomock

LOST = Orphan(
    session=paid_session(),
    reason=OrphanReason.UNKNOWN_PURCHASE,
    event_id="evt_1",
    found_at=NOON,
)


async def test_a_payment_is_recorded_once(storage: Storage) -> None:
    assert await storage.orphans.record(LOST)
    assert not await storage.orphans.record(LOST)


async def test_another_event_about_the_payment_is_no_news(storage: Storage) -> None:
    again = replace(LOST, event_id="evt_2", found_at=NOON + MINUTE)

    assert await storage.orphans.record(LOST)
    assert not await storage.orphans.record(again)


async def test_a_payment_is_named_by_its_intent(storage: Storage) -> None:
    seen_again = replace(LOST, session=paid_session("cs_other"))

    assert await storage.orphans.record(LOST)
    assert not await storage.orphans.record(seen_again)


async def test_payments_are_told_apart(storage: Storage) -> None:
    other = replace(LOST, session=paid_session("cs_other", payment_intent="pi_other"))

    assert await storage.orphans.record(LOST)
    assert await storage.orphans.record(other)


async def test_a_session_without_a_payment_intent_is_its_own_name(
    storage: Storage,
) -> None:
    sessions = [paid_session(name, payment_intent=None) for name in ("cs_1", "cs_2")]

    told = [
        await storage.orphans.record(replace(LOST, session=session))
        for session in (*sessions, *sessions)
    ]

    assert told == [True, True, False, False]


@beyond_mongomock(NEVER_YIELDS)
async def test_racing_events_record_one_orphan(storage: Storage) -> None:
    told = await asyncio.gather(*(storage.orphans.record(LOST) for _ in range(50)))

    assert told.count(True) == 1
