"""One update for what moved in a purchase's money, and nothing beside it.

Rows are never taken away, so the nth row of one version is the nth of the next.  Only
fields that changed are written, so that those of a newer version stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any, Final

from adapters.mongo.changes import LOG_MAX, NOTICES, fields_of
from adapters.mongo.parts import (
    DisputePart,
    ExtraPaymentPart,
    NoticePart,
    Part,
    RefundPart,
    when_known,
)
from domain.differences import is_troubled
from domain.purchase import Purchase
from domain.refunds import RefundState

REVISION: Final = "money_rev"
OPEN: Final = "open_money"
UNSETTLED: Final = "unsettled_since"
TROUBLED: Final = "troubled"
REFUNDED: Final = "refunded_at"  # when we last learnt that money had gone back


def as_read(before: Purchase) -> dict[str, Any]:
    """Match the purchase while neither its status nor its money has moved."""
    revision = before.money_revision
    return {
        "_id": before.id,
        "status": before.status,
        REVISION: revision or {"$in": [0, None]},  # an older version kept none
    }


def only_waits(row: Mapping[str, Any]) -> bool:
    """Say of a purchase that owes money whether all of it is under way."""
    rows = chain(row.get("refunds", ()), row.get("extra_payments", ()))
    states = {money["state"] for money in rows}
    return "sent" in states and "due" not in states


def money_update(
    before: Purchase, after: Purchase, *, at: datetime, by: str
) -> dict[str, Any]:
    """Say as one update how the money, and so perhaps the status, moved."""
    update = _Update(sets={"updated_at": at})
    update.rows("refunds", _refunds(before), _refunds(after, before=before, at=at))
    if _gone_back(after) - _gone_back(before):
        update.field(REFUNDED, at)
    update.rows("extra_payments", _extras(before), _extras(after))
    update.rows(NOTICES, _notices(before), _notices(after))
    update.part("dispute", _dispute(before), _dispute(after))
    update.field(OPEN, True if after.has_open_money else None)
    update.field(UNSETTLED, after.unsettled_since)
    update.field(TROUBLED, True if is_troubled(after) else None)
    if after.status is not before.status:
        update.field("status", after.status)
        entry = {"at": at, "from": [before.status], "to": after.status, "by": by}
        update.pushes["log"] = {"$each": [entry], "$slice": -LOG_MAX}
    if after.is_terminal:
        update.field("live", None)
    return update.said | {"$inc": {REVISION: 1}}


def _refunds(
    purchase: Purchase, *, before: Purchase | None = None, at: datetime | None = None
) -> list[RefundPart]:
    """Return the rows; those that have gone back since `before` say when."""
    old = _gone_back(before or purchase)
    gone = _gone_back(purchase) - old
    return [
        RefundPart.from_domain(refund).model_copy(
            update={"done_at": at if refund.id in gone else None}
        )
        for refund in purchase.refunds
    ]


def _gone_back(purchase: Purchase) -> set[str]:
    return {row.id for row in purchase.refunds if row.state is RefundState.DONE}


def _extras(purchase: Purchase) -> list[ExtraPaymentPart]:
    return [ExtraPaymentPart.from_domain(extra) for extra in purchase.extra_payments]


def _notices(purchase: Purchase) -> list[NoticePart]:
    return [NoticePart.from_notice(notice) for notice in purchase.notices]


def _dispute(purchase: Purchase) -> DisputePart | None:
    return when_known(purchase.dispute, DisputePart.from_domain)


@dataclass(slots=True, kw_only=True)
class _Update:
    sets: dict[str, Any] = field(default_factory=dict)
    unsets: dict[str, Any] = field(default_factory=dict)
    pushes: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> dict[str, Any]:
        update = {"$set": self.sets, "$unset": self.unsets, "$push": self.pushes}
        return {name: fields for name, fields in update.items() if fields}

    def field(self, path: str, value: object) -> None:
        """Set a field, or take it away: what is unknown is not stored."""
        if value is None:
            self.unsets[path] = ""
        else:
            self.sets[path] = value

    def part(self, path: str, old: Part | None, new: Part | None) -> None:
        known = fields_of(path, old) if old else {}
        for name, value in (fields_of(path, new) if new else {}).items():
            if value != known.get(name):
                self.field(name, value)

    def rows(self, name: str, olds: Sequence[Part], news: Sequence[Part]) -> None:
        if len(news) < len(olds):
            raise ValueError(f"{name} never lose a row")
        for at, (old, new) in enumerate(zip(olds, news, strict=False)):
            self.part(f"{name}.{at}", old, new)
        added = [new.at_rest() for new in news[len(olds) :]]
        if added and not olds:  # without an array yet, an index would make a map
            self.pushes[name] = {"$each": added}
            return
        for at, row in enumerate(added, start=len(olds)):
            self.sets[f"{name}.{at}"] = row  # a push beside such a set is refused
