"""A confirmation and a notice are delivered by the same rules."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import pytest

from domain.ids import ProgramId, PurchaseId
from domain.outbox import MailState, OutgoingMail
from domain.purchase import Purchase, Status
from tests.contracts.examples import (
    MINUTE,
    NOON,
    SECOND,
    complete,
    mail,
    notice,
    purchase,
)
from tests.contracts.storage import (
    NEVER_YIELDS,
    NO_SORTING_BY_ARRAYS,
    Storage,
    beyond_mongomock,
)

ONE: Final = PurchaseId("one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owes:
    """One of the two sorts of mail, and where a purchase keeps it."""

    mail: Callable[..., OutgoingMail]
    kept: Callable[[OutgoingMail], dict[str, Any]]
    of: Callable[[Purchase], OutgoingMail | None]

    @property
    def leased(self) -> OutgoingMail:
        return self.mail().lease(by="worker", until=NOON + MINUTE)

    async def stored(
        self, storage: Storage, id_: str, owed: OutgoingMail
    ) -> PurchaseId:
        """Store a completed purchase that owes this mail."""
        of_it = ProgramId(f"program-{id_}")
        kept = self.kept(owed)
        await storage.purchases.add(
            purchase(id_, program_id=of_it, status=Status.COMPLETED, **kept)
        )
        return PurchaseId(id_)

    async def by(self, storage: Storage, id_: PurchaseId) -> OutgoingMail | None:
        return self.of(await storage.purchases.get(id_))


CONFIRMATION: Final = Owes(
    mail=mail,
    kept=lambda owed: {"confirmation": owed},
    of=lambda purchase: purchase.confirmation,
)
NOTICE: Final = Owes(
    mail=lambda until=NOON: notice(until, place=1),
    kept=lambda owed: {"notices": (notice().sent(), owed)},
    of=lambda purchase: next(iter(purchase.notices[1:]), None),
)


@pytest.fixture(params=["confirmation", "notice"])
def owes(request: pytest.FixtureRequest) -> Owes:
    return CONFIRMATION if request.param == "confirmation" else NOTICE


async def due(storage: Storage, at: datetime, *, limit: int = 10) -> list[str]:
    return [row.id for row in await storage.outbox.due(at=at, limit=limit)]


async def test_completing_makes_a_mail_due_in_the_same_step(storage: Storage) -> None:
    await storage.purchases.add(purchase(status=Status.RESERVED))
    await storage.purchases.change(ONE, complete(due=NOON), at=NOON, by="test")

    found = await storage.outbox.due(at=NOON, limit=10)

    assert found == [await storage.purchases.get(ONE)]
    assert found[0].confirmation == mail(NOON)


async def test_a_mail_is_due_at_its_moment_and_not_before(
    storage: Storage, owes: Owes
) -> None:
    await owes.stored(storage, "one", owes.mail(NOON))

    assert await due(storage, NOON - SECOND) == []
    assert await due(storage, NOON) == ["one"]


async def test_a_leased_mail_is_due_when_its_lease_ends(
    storage: Storage, owes: Owes
) -> None:
    await owes.stored(storage, "one", owes.leased)

    assert await due(storage, NOON + MINUTE - SECOND) == []
    assert await due(storage, NOON + MINUTE) == ["one"]


async def test_a_sent_or_dead_mail_is_never_due(storage: Storage, owes: Owes) -> None:
    await owes.stored(storage, "sent", owes.leased.sent())
    await owes.stored(storage, "dead", replace(owes.mail(), state=MailState.DEAD))
    await storage.purchases.add(purchase("none"))

    assert await due(storage, NOON + 60 * MINUTE) == []


@beyond_mongomock(NO_SORTING_BY_ARRAYS)
async def test_the_oldest_are_delivered_first(storage: Storage, owes: Owes) -> None:
    await owes.stored(storage, "third", owes.mail(NOON + 2 * SECOND))
    await owes.stored(storage, "first", owes.mail(NOON))
    await owes.stored(storage, "fourth", replace(owes.leased, until=NOON + 3 * SECOND))
    await owes.stored(storage, "second", replace(owes.leased, until=NOON + SECOND))

    later = NOON + MINUTE
    assert await due(storage, later) == ["first", "second", "third", "fourth"]
    assert await due(storage, later, limit=3) == ["first", "second", "third"]


async def test_the_newest_wait_when_there_are_many(
    storage: Storage, owes: Owes
) -> None:
    for n, name in enumerate("edcba"):
        await owes.stored(storage, name, owes.mail(NOON + n * SECOND))

    assert await due(storage, NOON + MINUTE, limit=2) == ["e", "d"]


async def test_a_mail_is_swapped_if_it_is_as_it_was_read(
    storage: Storage, owes: Owes
) -> None:
    await owes.stored(storage, "one", owes.mail())

    assert await storage.outbox.swap(ONE, owes.mail(), owes.leased)
    assert await owes.by(storage, ONE) == owes.leased
    assert not await storage.outbox.swap(ONE, owes.mail(), owes.leased)


async def test_every_part_of_a_mail_counts(storage: Storage, owes: Owes) -> None:
    await owes.stored(storage, "one", owes.leased)
    others = [
        replace(owes.leased, state=MailState.DUE),
        replace(owes.leased, tries=2),
        replace(owes.leased, until=NOON),
        replace(owes.leased, leased_by="another"),
        replace(owes.leased, leased_by=None),
        replace(owes.leased, message_id="<another>"),
    ]

    told = [
        await storage.outbox.swap(ONE, other, owes.leased.sent()) for other in others
    ]

    assert told == [False] * len(others)
    assert await owes.by(storage, ONE) == owes.leased


async def test_a_mail_goes_all_its_ways(storage: Storage, owes: Owes) -> None:
    await owes.stored(storage, "one", owes.mail())
    failed = owes.leased.failed(at=NOON + MINUTE, jitter=0.5)
    again = failed.lease(by="other", until=NOON + 9 * MINUTE)
    steps = [owes.mail(), owes.leased, failed, again, again.sent()]

    for before, after in pairwise(steps):
        assert await storage.outbox.swap(ONE, before, after)
        assert await owes.by(storage, ONE) == after


async def test_a_lease_between_two_milliseconds_can_be_ended(
    storage: Storage, owes: Owes
) -> None:
    """Databases keep moments to the millisecond, and we compare with our own."""
    odd = owes.mail().lease(by="worker", until=NOON.replace(microsecond=123_456))
    await owes.stored(storage, "one", owes.mail())

    assert await storage.outbox.swap(ONE, owes.mail(), odd)
    assert await storage.outbox.swap(ONE, odd, odd.sent())


async def test_a_swap_touches_nothing_else(storage: Storage, owes: Owes) -> None:
    await owes.stored(storage, "one", owes.mail())
    before = await storage.purchases.get(ONE)

    await storage.outbox.swap(ONE, owes.mail(), owes.leased)

    expected = replace(before, **owes.kept(owes.leased))
    assert await storage.purchases.get(ONE) == expected


async def test_nothing_is_swapped_where_nothing_is_owed(
    storage: Storage, owes: Owes
) -> None:
    await storage.purchases.add(purchase())

    assert not await storage.outbox.swap(ONE, owes.mail(), owes.leased)
    assert not await storage.outbox.swap(
        PurchaseId("nobody's"), owes.mail(), owes.leased
    )
    assert await owes.by(storage, ONE) is None


@beyond_mongomock(NEVER_YIELDS)
async def test_fifty_workers_lease_a_mail_once(storage: Storage, owes: Owes) -> None:
    await owes.stored(storage, "one", owes.mail())
    leases = [owes.mail().lease(by=f"worker-{n}", until=NOON) for n in range(50)]

    told = await asyncio.gather(
        *(storage.outbox.swap(ONE, owes.mail(), lease) for lease in leases)
    )

    assert told.count(True) == 1
    assert await owes.by(storage, ONE) == leases[told.index(True)]


async def test_a_purchase_that_owes_both_is_due_once_and_each_is_swapped(
    storage: Storage,
) -> None:
    await storage.purchases.add(
        purchase(
            status=Status.COMPLETED,
            confirmation=mail(NOON + SECOND),
            notices=(notice(), notice(place=1)),
        )
    )

    assert await due(storage, NOON) == ["one"]
    assert await due(storage, NOON + MINUTE) == ["one"]
    for each in (await storage.purchases.get(ONE)).mails:
        leased = each.lease(by="worker", until=NOON + MINUTE)
        assert await storage.outbox.swap(ONE, each, leased)
        assert await storage.outbox.swap(ONE, leased, leased.sent())

    states = [each.state for each in (await storage.purchases.get(ONE)).mails]
    assert states == [MailState.SENT] * 3
    assert await due(storage, NOON + MINUTE) == []


async def test_the_oldest_of_either_sort_come_first(storage: Storage) -> None:
    """A mail that was sent long ago says nothing about the one that waits."""
    sent = replace(mail(NOON - MINUTE), state=MailState.SENT)
    await storage.purchases.add(
        purchase("late", confirmation=sent, notices=(notice(NOON + SECOND),))
    )
    await CONFIRMATION.stored(storage, "soon", mail(NOON))

    assert await due(storage, NOON + MINUTE) == ["soon", "late"]
    assert await due(storage, NOON + MINUTE, limit=1) == ["soon"]


async def test_what_is_not_sent_is_found_whether_it_waits_or_was_given_up(
    storage: Storage, owes: Owes
) -> None:
    for state in MailState:
        await owes.stored(storage, state.value, replace(owes.mail(), state=state))
    await storage.purchases.add(purchase("none"))

    found = await storage.outbox.unsent(limit=9)

    assert {row.id for row in found} == {"due", "leased", "dead"}
    assert len(await storage.outbox.unsent(limit=2)) == 2
