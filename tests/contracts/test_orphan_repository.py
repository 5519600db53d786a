import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from application.ports.orphans import OwingOrphan
from domain.checkout import CheckoutSession
from domain.disputes import Dispute, DisputeState
from domain.money import Money
from domain.orphans import Orphan, OrphanReason
from domain.refunds import ExtraPaymentState
from tests.contracts.examples import MINUTE, NOON, paid_session
from tests.contracts.storage import NEVER_YIELDS, Storage, beyond_mongomock


def found(session: CheckoutSession, *, at: datetime = NOON) -> Orphan:
    reason = OrphanReason.UNKNOWN_PURCHASE
    return Orphan.found(session, reason=reason, event_id="evt_1", at=at)


LOST = found(paid_session())


async def test_a_payment_is_recorded_once(storage: Storage) -> None:
    assert await storage.orphans.record(LOST)
    assert not await storage.orphans.record(LOST)


async def test_another_event_about_the_payment_is_no_news(storage: Storage) -> None:
    again = replace(LOST, event_id="evt_2", found_at=NOON + MINUTE)

    assert await storage.orphans.record(LOST)
    assert not await storage.orphans.record(again)


async def test_a_payment_is_named_by_its_intent(storage: Storage) -> None:
    seen_again = found(paid_session("cs_other"))

    assert await storage.orphans.record(LOST)
    assert not await storage.orphans.record(seen_again)


async def test_payments_are_told_apart(storage: Storage) -> None:
    other = found(paid_session("cs_other", payment_intent="pi_other"))

    assert await storage.orphans.record(LOST)
    assert await storage.orphans.record(other)


async def test_a_session_without_a_payment_intent_is_its_own_name(
    storage: Storage,
) -> None:
    sessions = [paid_session(name, payment_intent=None) for name in ("cs_1", "cs_2")]

    told = [
        await storage.orphans.record(found(session))
        for session in (*sessions, *sessions)
    ]

    assert told == [True, True, False, False]


@beyond_mongomock(NEVER_YIELDS)
async def test_racing_events_record_one_orphan(storage: Storage) -> None:
    told = await asyncio.gather(*(storage.orphans.record(LOST) for _ in range(50)))

    assert told.count(True) == 1


# --- Giving it back ----------------------------------------------------------------


def moved(orphan: Orphan, **changes: Any) -> Orphan:
    return replace(orphan, money=replace(orphan.money, **changes))


def named(name: str, *, at: datetime = NOON) -> Orphan:
    return found(paid_session(f"cs_{name}", payment_intent=f"pi_{name}"), at=at)


def a_dispute() -> Dispute:
    return Dispute(
        id="dp_1",
        state=DisputeState.NEEDS_RESPONSE,
        amount=Money.of(150_000, "usd"),
        opened_at=NOON,
    )


async def test_it_is_found_by_its_payment_as_it_was_recorded(storage: Storage) -> None:
    await storage.orphans.record(LOST)

    assert await storage.orphans.find(LOST.id) == LOST
    assert await storage.orphans.get(LOST.id) == LOST
    assert await storage.orphans.find("pi_nowhere") is None
    with pytest.raises(KeyError):
        await storage.orphans.get("pi_nowhere")


async def test_it_is_due_when_the_time_to_find_its_purchase_is_over(
    storage: Storage,
) -> None:
    await storage.orphans.record(LOST)

    before = await storage.orphans.owing(at=LOST.due_at - MINUTE, limit=9)
    after = await storage.orphans.owing(at=LOST.due_at, limit=9)

    assert (list(before), list(after)) == ([], [OwingOrphan(id=LOST.id)])


async def test_those_longest_due_come_first_and_no_more_than_asked_for(
    storage: Storage,
) -> None:
    for name, minutes in (("c", 2), ("a", 0), ("b", 1)):
        await storage.orphans.record(named(name, at=NOON + minutes * MINUTE))

    owing = await storage.orphans.owing(at=NOON + 60 * MINUTE, limit=2)
    open_ones = await storage.orphans.open_orphans(limit=2)

    assert [each.id for each in owing] == ["pi_a", "pi_b"]
    assert [each.id for each in open_ones] == ["pi_a", "pi_b"]


async def test_one_of_many_claims_it_for_a_while(storage: Storage) -> None:
    await storage.orphans.record(LOST)
    at, until = LOST.due_at, LOST.due_at + MINUTE

    claims = [
        await storage.orphans.claim_drive(LOST.id, at=at, until=until) for _ in range(3)
    ]

    assert claims == [True, False, False]
    assert not await storage.orphans.owing(at=at, limit=9)
    assert await storage.orphans.owing(at=until, limit=9)
    assert await storage.orphans.claim_drive(LOST.id, at=until, until=until + MINUTE)
    assert not await storage.orphans.claim_drive("pi_nowhere", at=at, until=until)


async def test_it_counts_how_often_it_was_driven_in_vain(storage: Storage) -> None:
    await storage.orphans.record(LOST)
    for _ in range(2):
        await storage.orphans.note_drive_failure(LOST.id)
    await storage.orphans.note_drive_failure("pi_nowhere")

    owing = await storage.orphans.owing(at=LOST.due_at, limit=9)

    assert [each.failures for each in owing] == [2]


async def test_what_moved_is_stored_if_nothing_else_has(storage: Storage) -> None:
    await storage.orphans.record(LOST)
    sent = moved(LOST, state=ExtraPaymentState.SENT, stripe_id="re_1")
    again = moved(LOST, tries=1, failed=("re_1",), dispute=a_dispute())

    swaps = [await storage.orphans.swap(LOST, after) for after in (sent, again)]
    stored = await storage.orphans.get(LOST.id)

    assert swaps == [True, False]
    assert stored == replace(sent, revision=1)
    assert await storage.orphans.swap(stored, replace(again, revision=1))
    assert await storage.orphans.get(LOST.id) == replace(again, revision=2)
    assert not await storage.orphans.swap(named("nowhere"), named("nowhere"))


@pytest.mark.parametrize(
    ("state", "is_owed", "is_open"),
    [
        (ExtraPaymentState.DUE, True, True),
        (ExtraPaymentState.SENT, True, True),
        (ExtraPaymentState.DISPUTED, False, True),
        (ExtraPaymentState.FAILED, False, True),
        (ExtraPaymentState.DONE, False, False),
    ],
)
async def test_who_waits_for_it_depends_on_how_far_it_went(
    storage: Storage, state: ExtraPaymentState, *, is_owed: bool, is_open: bool
) -> None:
    await storage.orphans.record(LOST)
    await storage.orphans.swap(LOST, moved(LOST, state=state))

    assert bool(await storage.orphans.owing(at=LOST.due_at, limit=9)) is is_owed
    assert bool(await storage.orphans.open_orphans(limit=9)) is is_open


async def test_for_what_a_purchase_names_nobody_waits(storage: Storage) -> None:
    await storage.orphans.record(LOST)
    assert await storage.orphans.swap(LOST, LOST.matched())

    assert (await storage.orphans.get(LOST.id)).is_matched
    assert not await storage.orphans.owing(at=LOST.due_at, limit=9)
    assert not await storage.orphans.open_orphans(limit=9)


@beyond_mongomock(NEVER_YIELDS)
async def test_of_racing_swaps_one_wins(storage: Storage) -> None:
    await storage.orphans.record(LOST)
    after = [moved(LOST, stripe_id=f"re_{n}") for n in range(20)]

    won = await asyncio.gather(*(storage.orphans.swap(LOST, each) for each in after))

    assert won.count(True) == 1


async def test_they_are_shown_page_by_page_open_or_all(storage: Storage) -> None:
    lost = [
        found(paid_session(f"cs_{n}", payment_intent=f"pi_{n}"), at=NOON + n * MINUTE)
        for n in range(4)
    ]
    for orphan in lost:
        await storage.orphans.record(orphan)
    await storage.orphans.swap(lost[0], lost[0].matched())
    done = replace(lost[1], money=lost[1].money.sent("re_1").done("re_1"))
    await storage.orphans.swap(lost[1], done)

    waiting = await storage.orphans.page(only_open=True, page=1, size=1)
    every = await storage.orphans.page(only_open=False, page=2, size=3)

    assert ([row.id for row in waiting.items], waiting.total) == (["pi_2"], 2)
    assert ([row.id for row in every.items], every.total) == (["pi_3"], 4)
