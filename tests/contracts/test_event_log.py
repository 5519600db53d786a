import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from application.ports.event_log import EventFacts, EventState, HeldEvent
from domain.ids import PurchaseId
from tests.contracts.storage import (
    NEVER_YIELDS,
    NO_UNIQUE_INDEXES,
    Storage,
    beyond_mongomock,
)

# Far ahead, because a real server forgets by its own clock what ended long ago.
NOON = datetime(2126, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATER = NOON + 5 * MINUTE
REFUND = EventFacts(
    id="evt_1",
    kind="refund.created",
    object_id="re_1",
    payment_intent="pi_1",
    purchase_id=PurchaseId("gone"),
)
BARE = EventFacts(id="evt_2", kind="charge.dispute.created")
HELD = HeldEvent(
    event=REFUND,
    why="unknown_payment",
    state=EventState.QUARANTINED,
    first_seen=NOON,
    last_tried=NOON,
    until=LATER,
)


async def hold(
    storage: Storage,
    event: EventFacts = REFUND,
    *,
    why: str = "unknown_payment",
    at: datetime = NOON,
) -> bool:
    return await storage.event_log.quarantine(
        event, why=why, at=at, until=at + 5 * MINUTE
    )


async def test_what_is_held_is_kept_as_it_was_said(storage: Storage) -> None:
    assert await storage.event_log.get("evt_1") is None

    assert await hold(storage)
    assert await hold(storage, BARE, at=NOON + MINUTE)

    assert await storage.event_log.get("evt_1") == HELD
    held = await storage.event_log.held(limit=9)
    assert [each.event for each in held] == [REFUND, BARE]


async def test_what_is_held_is_shown_page_by_page(storage: Storage) -> None:
    names = [f"evt_{n}" for n in range(5)]
    for minute, name in enumerate(names):
        await hold(storage, replace(BARE, id=name), at=NOON + minute * MINUTE)
    await storage.event_log.give_up("evt_3", at=LATER)
    await storage.event_log.resolve("evt_0", outcome="applied", at=LATER)

    pages = [await storage.event_log.page(page=n, size=3) for n in (1, 2)]

    assert [[held.event.id for held in page.items] for page in pages] == [
        ["evt_1", "evt_2", "evt_3"],
        ["evt_4"],
    ]
    assert [page.total for page in pages] == [4, 4]


async def test_what_is_held_already_changes_only_its_reason(storage: Storage) -> None:
    await hold(storage)

    assert not await hold(storage, why="ValueError", at=LATER)

    assert await storage.event_log.get("evt_1") == replace(HELD, why="ValueError")


@beyond_mongomock(NEVER_YIELDS)
async def test_of_fifty_deliveries_one_holds_it(storage: Storage) -> None:
    told = await asyncio.gather(*(hold(storage) for _ in range(50)))

    assert told.count(True) == 1


async def test_it_is_due_when_its_pause_is_over_the_longest_first(
    storage: Storage,
) -> None:
    await hold(storage, BARE, at=NOON + MINUTE)
    await hold(storage)
    log = storage.event_log

    assert not await log.due(at=LATER - MINUTE, limit=9)
    assert await log.due(at=LATER, limit=9) == [HELD]
    both = await log.due(at=LATER + MINUTE, limit=9)
    assert [each.event for each in both] == [REFUND, BARE]
    assert await log.due(at=LATER + MINUTE, limit=1) == [HELD]


async def test_a_claim_counts_and_ends(storage: Storage) -> None:
    await hold(storage)
    log = storage.event_log

    assert await log.claim(HELD, at=LATER, until=LATER + MINUTE)
    assert not await log.claim(HELD, at=LATER, until=LATER + MINUTE)

    tried = replace(HELD, last_tried=LATER, until=LATER + MINUTE, tries=1)
    assert await log.get("evt_1") == tried
    assert not await log.due(at=LATER, limit=9)
    assert await log.claim(tried, at=LATER + MINUTE, until=LATER + MINUTE)


async def test_who_has_claimed_it_puts_it_off_and_may_say_why(storage: Storage) -> None:
    await hold(storage)
    log = storage.event_log
    await log.claim(HELD, at=LATER, until=LATER + MINUTE)

    assert await log.put_off(HELD, until=LATER + 9 * MINUTE)
    rests = replace(HELD, last_tried=LATER, until=LATER + 9 * MINUTE, tries=1)
    assert await log.get("evt_1") == rests
    assert not await log.due(at=LATER + 8 * MINUTE, limit=9)

    assert await log.put_off(HELD, until=LATER + 9 * MINUTE, why="ValueError")
    assert await log.get("evt_1") == replace(rests, why="ValueError")


async def test_who_has_no_claim_puts_nothing_off(storage: Storage) -> None:
    log = storage.event_log
    assert not await log.put_off(HELD, until=LATER)
    await hold(storage)
    assert not await log.put_off(HELD, until=LATER + MINUTE, why="ValueError")
    assert await log.get("evt_1") == HELD

    await log.claim(HELD, at=NOON, until=LATER)
    again = replace(HELD, tries=1)
    assert await log.claim(again, at=LATER, until=LATER + MINUTE)
    taken_over = await log.get("evt_1")
    assert not await log.put_off(HELD, until=LATER + 9 * MINUTE, why="ValueError")
    assert await log.get("evt_1") == taken_over


async def test_what_has_ended_or_begun_anew_meanwhile_is_not_put_off(
    storage: Storage,
) -> None:
    log = storage.event_log
    await hold(storage)
    await log.claim(HELD, at=NOON, until=LATER)
    await log.resolve("evt_1", outcome="applied", at=LATER)
    assert not await log.put_off(HELD, until=LATER + MINUTE)

    await hold(storage, at=LATER)
    anew = await log.get("evt_1")
    assert anew is not None
    assert await log.claim(anew, at=LATER, until=LATER + MINUTE)
    assert not await log.put_off(HELD, until=LATER + 9 * MINUTE)
    await log.give_up("evt_1", at=LATER)
    assert not await log.put_off(anew, until=LATER + 9 * MINUTE)

    held = await log.get("evt_1")
    assert held is not None
    assert held.until == LATER + MINUTE


@beyond_mongomock(NEVER_YIELDS)
async def test_of_fifty_workers_one_gets_the_claim(storage: Storage) -> None:
    await hold(storage)

    told = await asyncio.gather(
        *(storage.event_log.claim(HELD, at=LATER, until=LATER) for _ in range(50))
    )

    assert told.count(True) == 1


async def test_what_is_resolved_is_held_no_more(storage: Storage) -> None:
    await hold(storage)
    log = storage.event_log

    assert await log.resolve("evt_1", outcome="applied", at=LATER)
    assert not await log.resolve("evt_1", outcome="applied", at=LATER)
    assert not await log.resolve("evt_unknown", outcome="applied", at=LATER)

    assert await log.get("evt_1") is None
    assert not await log.held(limit=9)
    assert not await log.due(at=LATER, limit=9)
    assert not await log.claim(HELD, at=LATER, until=LATER)
    assert not await log.give_up("evt_1", at=LATER)


async def test_what_fails_again_after_it_was_resolved_is_held_anew(
    storage: Storage,
) -> None:
    await hold(storage)
    await storage.event_log.claim(HELD, at=NOON, until=LATER)
    await storage.event_log.resolve("evt_1", outcome="applied", at=NOON)

    assert await hold(storage, at=LATER)

    anew = replace(
        HELD, first_seen=LATER, last_tried=LATER, until=LATER + 5 * MINUTE, tries=0
    )
    assert await storage.event_log.get("evt_1") == anew


async def test_what_is_given_up_waits_for_a_human(storage: Storage) -> None:
    await hold(storage)
    log = storage.event_log

    assert await log.give_up("evt_1", at=LATER)
    assert not await log.give_up("evt_1", at=LATER)

    left = replace(HELD, state=EventState.GIVEN_UP, last_tried=LATER)
    assert await log.held(limit=9) == [left]
    assert not await log.due(at=LATER, limit=9)
    assert not await log.claim(HELD, at=LATER, until=LATER)
    assert not await hold(storage)
    assert await log.resolve("evt_1", outcome="applied", at=LATER)


async def test_the_held_are_listed_oldest_first_whatever_their_state(
    storage: Storage,
) -> None:
    await hold(storage, BARE, at=NOON + MINUTE)
    await hold(storage)
    await hold(storage, replace(BARE, id="evt_3"), at=NOON + 2 * MINUTE)
    await storage.event_log.give_up("evt_2", at=LATER)

    listed = await storage.event_log.held(limit=2)

    assert [each.event.id for each in listed] == ["evt_1", "evt_2"]


@beyond_mongomock(NO_UNIQUE_INDEXES)
async def test_a_note_holds_nothing_and_disturbs_nothing(storage: Storage) -> None:
    log = storage.event_log
    for _ in range(2):
        await log.note(BARE, outcome="orphaned", at=NOON)
    assert await log.get("evt_2") is None
    assert not await log.held(limit=9)

    await hold(storage)
    await log.note(REFUND, outcome="orphaned", at=NOON)
    assert await log.get("evt_1") == HELD

    assert await hold(storage, BARE)
    assert not await hold(storage, BARE)
