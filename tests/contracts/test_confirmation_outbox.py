import asyncio
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from domain.ids import ProgramId, PurchaseId
from domain.outbox import MailState, OutgoingMail
from domain.purchase import Status
from tests.contracts.examples import (
    MINUTE,
    NOON,
    SECOND,
    complete,
    mail,
    purchase,
)
from tests.contracts.storage import NEVER_YIELDS, Storage, beyond_mongomock

ONE: Final = PurchaseId("one")
LEASED: Final = mail().lease(by="worker", until=NOON + MINUTE)


async def owing(storage: Storage, id_: str, owed: OutgoingMail) -> PurchaseId:
    """Store a completed purchase that owes this mail."""
    of_it = ProgramId(f"program-{id_}")
    await storage.purchases.add(
        purchase(id_, program_id=of_it, status=Status.COMPLETED, confirmation=owed)
    )
    return PurchaseId(id_)


async def due(storage: Storage, at: datetime, *, limit: int = 10) -> list[str]:
    return [row.id for row in await storage.outbox.due(at=at, limit=limit)]


async def owed_by(storage: Storage, id_: PurchaseId) -> OutgoingMail | None:
    return (await storage.purchases.get(id_)).confirmation


async def test_completing_makes_a_mail_due_in_the_same_step(storage: Storage) -> None:
    await storage.purchases.add(purchase(status=Status.RESERVED))
    await storage.purchases.change(ONE, complete(due=NOON), at=NOON, by="test")

    found = await storage.outbox.due(at=NOON, limit=10)

    assert found == [await storage.purchases.get(ONE)]
    assert found[0].confirmation == mail(NOON)


async def test_a_mail_is_due_at_its_moment_and_not_before(storage: Storage) -> None:
    await owing(storage, "one", mail(NOON))

    assert await due(storage, NOON - SECOND) == []
    assert await due(storage, NOON) == ["one"]


async def test_a_leased_mail_is_due_when_its_lease_ends(storage: Storage) -> None:
    await owing(storage, "one", LEASED)

    assert await due(storage, NOON + MINUTE - SECOND) == []
    assert await due(storage, NOON + MINUTE) == ["one"]


async def test_a_sent_or_dead_mail_is_never_due(storage: Storage) -> None:
    await owing(storage, "sent", LEASED.sent())
    await owing(storage, "dead", replace(mail(), state=MailState.DEAD))
    await storage.purchases.add(purchase("none"))

    assert await due(storage, NOON + 60 * MINUTE) == []


async def test_the_oldest_are_delivered_first(storage: Storage) -> None:
    await owing(storage, "third", mail(NOON + 2 * SECOND))
    await owing(storage, "first", mail(NOON))
    await owing(storage, "fourth", replace(LEASED, until=NOON + 3 * SECOND))
    await owing(storage, "second", replace(LEASED, until=NOON + SECOND))

    later = NOON + MINUTE
    assert await due(storage, later) == ["first", "second", "third", "fourth"]
    assert await due(storage, later, limit=3) == ["first", "second", "third"]


async def test_the_newest_wait_when_there_are_many(storage: Storage) -> None:
    for n, name in enumerate("edcba"):
        await owing(storage, name, mail(NOON + n * SECOND))

    assert await due(storage, NOON + MINUTE, limit=2) == ["e", "d"]


async def test_a_mail_is_swapped_if_it_is_as_it_was_read(storage: Storage) -> None:
    await owing(storage, "one", mail())

    assert await storage.outbox.swap(ONE, mail(), LEASED)
    assert await owed_by(storage, ONE) == LEASED
    assert not await storage.outbox.swap(ONE, mail(), LEASED)


async def test_every_part_of_a_mail_counts(storage: Storage) -> None:
    await owing(storage, "one", LEASED)
    others = [
        replace(LEASED, state=MailState.DUE),
        replace(LEASED, tries=2),
        replace(LEASED, until=NOON),
        replace(LEASED, leased_by="another"),
        replace(LEASED, leased_by=None),
        replace(LEASED, message_id="<another>"),
    ]

    told = [await storage.outbox.swap(ONE, other, LEASED.sent()) for other in others]

    assert told == [False] * len(others)
    assert await owed_by(storage, ONE) == LEASED


async def test_a_mail_goes_all_its_ways(storage: Storage) -> None:
    await owing(storage, "one", mail())
    failed = LEASED.failed(at=NOON + MINUTE, jitter=0.5)
    again = failed.lease(by="other", until=NOON + 9 * MINUTE)
    steps = [mail(), LEASED, failed, again, again.sent()]

    for before, after in pairwise(steps):
        assert await storage.outbox.swap(ONE, before, after)
        assert await owed_by(storage, ONE) == after


async def test_a_lease_between_two_milliseconds_can_be_ended(storage: Storage) -> None:
    """Databases keep moments to the millisecond, and we compare with our own."""
    odd = mail().lease(by="worker", until=NOON.replace(microsecond=123_456))
    await owing(storage, "one", mail())

    assert await storage.outbox.swap(ONE, mail(), odd)
    assert await storage.outbox.swap(ONE, odd, odd.sent())


async def test_a_swap_touches_nothing_else(storage: Storage) -> None:
    await owing(storage, "one", mail())
    before = await storage.purchases.get(ONE)

    await storage.outbox.swap(ONE, mail(), LEASED)

    expected = replace(before, confirmation=LEASED)
    assert await storage.purchases.get(ONE) == expected


async def test_nothing_is_swapped_where_nothing_is_owed(storage: Storage) -> None:
    await storage.purchases.add(purchase())

    assert not await storage.outbox.swap(ONE, mail(), LEASED)
    assert not await storage.outbox.swap(PurchaseId("nobody's"), mail(), LEASED)
    assert await owed_by(storage, ONE) is None


@beyond_mongomock(NEVER_YIELDS)
async def test_fifty_workers_lease_a_mail_once(storage: Storage) -> None:
    await owing(storage, "one", mail())
    leases = [mail().lease(by=f"worker-{n}", until=NOON) for n in range(50)]

    told = await asyncio.gather(
        *(storage.outbox.swap(ONE, mail(), lease) for lease in leases)
    )

    assert told.count(True) == 1
    assert await owed_by(storage, ONE) == leases[told.index(True)]
