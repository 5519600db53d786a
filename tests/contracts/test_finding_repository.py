import asyncio
from datetime import datetime, timedelta

from application.ports.findings import KnownFinding
from domain.findings import Finding, FindingKind, Severity, Told
from tests.contracts.examples import MINUTE, NOON
from tests.contracts.storage import (
    NEVER_YIELDS,
    NO_UNIQUE_INDEXES,
    Storage,
    beyond_mongomock,
)

LEAK = Finding.of(
    FindingKind.LEAKED_SPOT, "choir/one", purchase_id="one", status=None, spots=2
)
STUCK = Finding.of(FindingKind.STUCK_PHASE, "two", status="closing")
DRIFT = Finding.of(FindingKind.COUNTER_DRIFT, "choir", counter=3)
LATER = NOON + MINUTE
LEASE = 10 * MINUTE
CLAIM = NOON + LEASE


async def test_a_finding_is_known_since_it_was_first_seen(storage: Storage) -> None:
    first = await storage.findings.note(STUCK, at=NOON)
    second = await storage.findings.note(STUCK.overdue(), at=LATER)

    assert first == KnownFinding(finding=STUCK, first_seen=NOON, last_seen=NOON)
    assert [second] == await storage.findings.open(limit=9)
    assert await storage.findings.open(limit=9) == [
        KnownFinding(finding=STUCK.overdue(), first_seen=NOON, last_seen=LATER, times=2)
    ]


async def test_its_facts_are_those_of_now_in_the_types_they_had(
    storage: Storage,
) -> None:
    await storage.findings.note(Finding.of(LEAK.kind, LEAK.subject), at=NOON)
    await storage.findings.note(LEAK, at=NOON)

    known = await storage.findings.get(LEAK.id)
    assert known is not None
    assert known.finding == LEAK
    assert await storage.findings.get(STUCK.id) is None


async def test_the_worst_come_first_then_the_oldest(storage: Storage) -> None:
    for at, finding in enumerate([LEAK, STUCK, DRIFT]):
        await storage.findings.note(finding, at=NOON + at * MINUTE)
    late = Finding.of(FindingKind.STUCK_PHASE, "three")
    await storage.findings.note(late, at=NOON)

    found = [known.finding for known in await storage.findings.open(limit=9)]
    assert found == [DRIFT, late, STUCK, LEAK]
    first = await storage.findings.open(limit=1)
    assert [known.finding for known in first] == [DRIFT]


async def test_they_are_shown_page_by_page_as_they_are_sorted(storage: Storage) -> None:
    for finding in (LEAK, STUCK, DRIFT):
        await storage.findings.note(finding, at=NOON)
    gone = Finding.of(FindingKind.MISSING_SPOT, "choir/none")
    await storage.findings.note(gone, at=NOON)
    await storage.findings.mark_gone(gone.id, at=LATER)

    first = await storage.findings.page(page=1, size=2)
    second = await storage.findings.page(page=2, size=2)
    beyond = await storage.findings.page(page=3, size=2)

    assert [known.finding for known in first.items] == [DRIFT, STUCK]
    assert [known.finding for known in second.items] == [LEAK]
    assert beyond.items == ()
    assert {page.total for page in (first, second, beyond)} == {3}


async def claim(storage: Storage, known: KnownFinding, *, at: datetime = NOON) -> bool:
    return await storage.findings.claim_telling(known, at=at, until=at + LEASE)


async def test_what_is_told_is_remembered_and_never_as_less(storage: Storage) -> None:
    known = await storage.findings.note(STUCK.overdue(), at=NOON)
    assert known.told is None

    assert await claim(storage, known)
    await storage.findings.mark_told(STUCK.overdue(), claim=CLAIM, at=NOON)
    again = await storage.findings.note(STUCK, at=LATER)
    assert again.told == Told(severity=Severity.CRITICAL, at=NOON)

    assert await claim(storage, again, at=LATER)
    await storage.findings.mark_told(STUCK, claim=LATER + LEASE, at=LATER)
    last = await storage.findings.note(STUCK, at=LATER)
    assert last.told == Told(severity=Severity.CRITICAL, at=LATER)


async def test_one_tells_until_it_is_marked_or_the_claim_ends(storage: Storage) -> None:
    known = await storage.findings.note(STUCK, at=NOON)

    assert await claim(storage, known)
    assert not await claim(storage, known)
    assert not await claim(storage, known, at=NOON + LEASE - MINUTE)
    assert await claim(storage, known, at=NOON + LEASE)

    await storage.findings.mark_told(STUCK, claim=NOON + 2 * LEASE, at=NOON + LEASE)
    assert not await claim(storage, known, at=NOON + 3 * LEASE)  # it says: not told
    now = await storage.findings.note(STUCK, at=LATER)
    assert await claim(storage, now, at=NOON + 3 * LEASE)


async def test_what_nobody_has_seen_is_not_told(storage: Storage) -> None:
    unseen = KnownFinding(finding=LEAK, first_seen=NOON, last_seen=NOON)
    assert not await claim(storage, unseen)
    await storage.findings.mark_told(LEAK, claim=CLAIM, at=NOON)
    await storage.findings.put_off_telling(LEAK.id, claim=CLAIM, until=LATER)
    assert await storage.findings.get(LEAK.id) is None
    assert await storage.findings.left_untold(at=CLAIM, limit=9) == []


async def test_what_was_claimed_and_not_told_is_left_when_the_claim_ends(
    storage: Storage,
) -> None:
    for minutes, finding in enumerate([LEAK, STUCK, DRIFT], start=1):
        known = await storage.findings.note(finding, at=NOON)
        until = CLAIM - minutes * MINUTE
        await storage.findings.claim_telling(known, at=NOON, until=until)

    async def left(*, at: datetime, limit: int = 9) -> list[Finding]:
        found = await storage.findings.left_untold(at=at, limit=limit)
        return [known.finding for known in found]

    assert await left(at=CLAIM - 4 * MINUTE) == []
    assert await left(at=CLAIM - 2 * MINUTE) == [DRIFT, STUCK]
    assert await left(at=CLAIM, limit=2) == [DRIFT, STUCK]
    await storage.findings.mark_gone(DRIFT.id, at=LATER)
    await storage.findings.mark_told(STUCK, claim=CLAIM - 2 * MINUTE, at=NOON)
    assert await left(at=CLAIM) == [LEAK]
    (known,) = await storage.findings.left_untold(at=CLAIM, limit=9)
    assert await claim(storage, known, at=CLAIM)
    assert await left(at=CLAIM) == []


async def test_what_is_put_off_is_left_when_its_pause_is_over(storage: Storage) -> None:
    known = await storage.findings.note(STUCK, at=NOON)
    await claim(storage, known)

    await storage.findings.put_off_telling(
        STUCK.id, claim=CLAIM, until=2 * LEASE + NOON
    )

    assert not await claim(storage, known, at=CLAIM)
    assert await storage.findings.left_untold(at=CLAIM, limit=9) == []
    assert len(await storage.findings.left_untold(at=NOON + 2 * LEASE, limit=9)) == 1


async def test_a_telling_that_is_given_up_may_be_claimed_by_whoever_finds_it(
    storage: Storage,
) -> None:
    known = await storage.findings.note(STUCK, at=NOON)
    await claim(storage, known)

    await storage.findings.give_up_telling(STUCK.id, claim=CLAIM)

    assert await storage.findings.left_untold(at=CLAIM, limit=9) == []
    assert await claim(storage, known)


async def test_who_holds_the_claim_no_more_changes_nothing(storage: Storage) -> None:
    known = await storage.findings.note(STUCK, at=NOON)
    await claim(storage, known)
    await claim(storage, known, at=CLAIM)  # another took it over

    await storage.findings.mark_told(STUCK, claim=CLAIM, at=CLAIM)
    await storage.findings.put_off_telling(STUCK.id, claim=CLAIM, until=NOON)
    await storage.findings.give_up_telling(STUCK.id, claim=CLAIM)

    assert not await claim(storage, known, at=CLAIM)
    (left,) = await storage.findings.left_untold(at=CLAIM + LEASE, limit=9)
    assert left.told is None


async def test_what_is_gone_is_no_longer_open(storage: Storage) -> None:
    noted = await storage.findings.note(STUCK, at=NOON)

    assert await storage.findings.mark_gone(STUCK.id, at=LATER)

    assert await storage.findings.open(limit=9) == []
    known = await storage.findings.get(STUCK.id)
    assert known is not None
    assert known.gone_at == LATER
    assert not await claim(storage, noted)
    assert not await storage.findings.mark_gone(STUCK.id, at=LATER)
    assert not await storage.findings.mark_gone(LEAK.id, at=LATER)


async def test_what_somebody_saw_since_is_not_gone(storage: Storage) -> None:
    await storage.findings.note(STUCK, at=LATER)

    assert not await storage.findings.mark_gone(STUCK.id, at=NOON)
    assert not await storage.findings.mark_gone(STUCK.id, at=LATER)

    assert len(await storage.findings.open(limit=9)) == 1


@beyond_mongomock(NO_UNIQUE_INDEXES)
async def test_what_comes_back_begins_anew_and_is_told_again(storage: Storage) -> None:
    first = await storage.findings.note(STUCK, at=NOON)
    await claim(storage, first)
    await storage.findings.mark_told(STUCK, claim=CLAIM, at=NOON)
    await storage.findings.mark_gone(STUCK.id, at=LATER)
    much_later = NOON + timedelta(days=9)

    anew = await storage.findings.note(STUCK, at=much_later)

    assert anew == KnownFinding(
        finding=STUCK, first_seen=much_later, last_seen=much_later
    )
    assert await storage.findings.open(limit=9) == [anew]
    assert await claim(storage, anew, at=much_later)


@beyond_mongomock(NEVER_YIELDS)
async def test_racing_inspections_know_one_finding_and_tell_it_once(
    storage: Storage,
) -> None:
    await asyncio.gather(*(storage.findings.note(STUCK, at=NOON) for _ in range(20)))
    (known,) = await storage.findings.open(limit=9)
    told = await asyncio.gather(*(claim(storage, known) for _ in range(20)))

    assert known.times == 20
    assert told.count(True) == 1
