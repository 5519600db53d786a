import asyncio
from datetime import timedelta

from application.ports.findings import KnownFinding
from domain.findings import Finding, FindingKind
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


async def test_a_finding_is_known_since_it_was_first_seen(storage: Storage) -> None:
    assert await storage.findings.note(STUCK, at=NOON)
    assert await storage.findings.note(STUCK.overdue(), at=LATER)

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


async def test_humans_are_told_once_and_again_when_it_gets_worse(
    storage: Storage,
) -> None:
    note, claim = storage.findings.note, storage.findings.claim_telling

    assert not await claim(STUCK)  # nobody has seen it
    assert await note(STUCK, at=NOON)
    assert await claim(STUCK)
    assert not await claim(STUCK)
    assert not await note(STUCK, at=NOON)

    assert await note(STUCK.overdue(), at=LATER)
    assert await claim(STUCK.overdue())
    assert not await note(STUCK, at=LATER)
    assert not await claim(STUCK)


async def test_what_is_gone_is_no_longer_open(storage: Storage) -> None:
    await storage.findings.note(STUCK, at=NOON)

    assert await storage.findings.mark_gone(STUCK.id, at=LATER)

    assert await storage.findings.open(limit=9) == []
    known = await storage.findings.get(STUCK.id)
    assert known is not None
    assert known.gone_at == LATER
    assert not await storage.findings.claim_telling(STUCK)
    assert not await storage.findings.mark_gone(STUCK.id, at=LATER)
    assert not await storage.findings.mark_gone(LEAK.id, at=LATER)


async def test_what_somebody_saw_since_is_not_gone(storage: Storage) -> None:
    await storage.findings.note(STUCK, at=LATER)

    assert not await storage.findings.mark_gone(STUCK.id, at=NOON)
    assert not await storage.findings.mark_gone(STUCK.id, at=LATER)

    assert len(await storage.findings.open(limit=9)) == 1


@beyond_mongomock(NO_UNIQUE_INDEXES)
async def test_what_comes_back_begins_anew_and_is_told_again(storage: Storage) -> None:
    await storage.findings.note(STUCK, at=NOON)
    await storage.findings.claim_telling(STUCK)
    await storage.findings.mark_gone(STUCK.id, at=LATER)
    much_later = NOON + timedelta(days=9)

    assert await storage.findings.note(STUCK, at=much_later)
    assert await storage.findings.claim_telling(STUCK)
    assert await storage.findings.open(limit=9) == [
        KnownFinding(finding=STUCK, first_seen=much_later, last_seen=much_later)
    ]


@beyond_mongomock(NEVER_YIELDS)
async def test_racing_inspections_know_one_finding_and_tell_it_once(
    storage: Storage,
) -> None:
    await asyncio.gather(*(storage.findings.note(STUCK, at=NOON) for _ in range(20)))
    told = await asyncio.gather(
        *(storage.findings.claim_telling(STUCK) for _ in range(20))
    )

    (known,) = await storage.findings.open(limit=9)
    assert known.times == 20
    assert told.count(True) == 1
