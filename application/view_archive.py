"""What an admin may see of all purchases; looking writes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from application.ports.archive import (
    ArchivePage,
    ArchiveQuery,
    LogEntry,
    PurchaseArchive,
    PurchaseFile,
)
from application.ports.trail import Trail, TrailFact, TrailKind
from domain.ids import PurchaseId
from domain.purchase import Purchase, Status

TRAIL_MAX: Final = 500  # entries of one timeline, the newest
BEGAN: Final = "began"


class MomentKind(StrEnum):
    """What a moment of a timeline is: of the row's own log, or of the trail."""

    REQUEST = TrailKind.REQUEST.value
    CALL = TrailKind.CALL.value
    EVENT = TrailKind.EVENT.value
    MAIL = TrailKind.MAIL.value
    ACT = "act"
    STATE = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    at: datetime
    kind: MomentKind
    what: str
    facts: Mapping[str, TrailFact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseHistory:
    """One purchase and what happened to it, the oldest first."""

    file: PurchaseFile
    timeline: tuple[Moment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewArchive:
    """Every method may raise `StorageUnavailable`."""

    archive: PurchaseArchive
    trail: Trail

    async def page(self, query: ArchiveQuery, *, page: int, size: int) -> ArchivePage:
        """Return the purchases that fit, newest first."""
        return await self.archive.page(query, page=page, size=size)

    async def one(self, purchase_id: PurchaseId) -> PurchaseHistory:
        """Return one purchase with its timeline.

        States and acts are in it without fail, the newest fifty of each; the rest is
        told as well as we can, for ninety days (docs/adr/0020).

        Raises:
            PurchaseNotFound: no such purchase.
            PurchaseUnreadable: it is there, and cannot be read.
        """
        file = await self.archive.file_of(purchase_id)
        trail = await self.trail.of(names_of(file.purchase), limit=TRAIL_MAX)
        told = [
            Moment(
                at=entry.at,
                kind=MomentKind(entry.kind),
                what=entry.what,
                facts=entry.facts,
            )
            for entry in trail
        ]
        moments = sorted((*_kept(file), *told), key=lambda moment: moment.at)
        return PurchaseHistory(file=file, timeline=tuple(moments))


def names_of(purchase: Purchase) -> frozenset[str]:
    """Return every name under which something about a purchase may be told."""
    names: set[str | None] = {purchase.id}
    if purchase.session is not None:
        names.add(purchase.session.id)
    if purchase.paid is not None:
        names |= {purchase.paid.session_id, purchase.paid.payment_intent}
    for extra in purchase.extra_payments:
        names |= {extra.session_id, extra.payment_intent, extra.stripe_id}
    names |= {refund.stripe_id for refund in purchase.refunds}
    return frozenset(name for name in names if name)


def _kept(file: PurchaseFile) -> Iterator[Moment]:
    """Yield what the purchase's row says by itself."""
    purchase = file.purchase
    first = Status.CREATING if purchase.is_class_rep else Status.RESERVED
    yield Moment(
        at=purchase.created_at,
        kind=MomentKind.STATE,
        what=BEGAN,
        facts={"status": first.value},
    )
    for entry in file.log:
        yield Moment(
            at=entry.at,
            kind=MomentKind.STATE,
            what=entry.target,
            facts={**_from(entry), "by": entry.by},
        )
    for act in file.acts:
        yield Moment(
            at=act.at,
            kind=MomentKind.ACT,
            what=act.what,
            facts={"by": act.by, "why": act.why},
        )


def _from(entry: LogEntry) -> dict[str, TrailFact]:
    """Say what state it left where that is known: a row's log names all it might."""
    return {"from": entry.sources[0]} if len(entry.sources) == 1 else {}
