"""Money that has no outcome yet: neither kept for a purchase nor given back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.disputes import FINAL_DISPUTE
from domain.orphans import Orphan
from domain.purchase import Purchase
from domain.refunding import owes_after_refund
from domain.refunds import ExtraPayment, ExtraPaymentState, RefundState


class Unsettled(StrEnum):
    """What such money waits for."""

    REFUND_DUE = "refund_due"
    REFUND_SENT = "refund_sent"
    REFUND_OWED = "refund_owed"  # access is over, and nobody sends what is left
    EXTRA_DUE = "extra_due"
    EXTRA_SENT = "extra_sent"
    EXTRA_GIVEN_UP = "extra_given_up"
    ORPHAN_DUE = "orphan_due"
    ORPHAN_SENT = "orphan_sent"
    ORPHAN_GIVEN_UP = "orphan_given_up"
    DISPUTED = "disputed"


# Ours to drive: a human hears of it when it takes longer than we promise.
OURS: Final = frozenset(
    {
        Unsettled.REFUND_DUE,
        Unsettled.REFUND_OWED,
        Unsettled.EXTRA_DUE,
        Unsettled.EXTRA_GIVEN_UP,
        Unsettled.ORPHAN_DUE,
        Unsettled.ORPHAN_GIVEN_UP,
    }
)
# With the provider, which takes up to ten days where a bank is slow: the exemption of
# invariant I13, with an end.  A bank that decides a dispute has no end that we know;
# a human is told of each dispute when it begins.
PROVIDERS_TIME: Final = timedelta(days=10)
THEIRS: Final = frozenset(
    {Unsettled.REFUND_SENT, Unsettled.EXTRA_SENT, Unsettled.ORPHAN_SENT}
)
# What nobody's money waits for, in the words of a purchase's extra money.
OF_NOBODY: Final[Mapping[Unsettled, Unsettled]] = {
    Unsettled.EXTRA_DUE: Unsettled.ORPHAN_DUE,
    Unsettled.EXTRA_SENT: Unsettled.ORPHAN_SENT,
    Unsettled.EXTRA_GIVEN_UP: Unsettled.ORPHAN_GIVEN_UP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """How long each kind may take before a human hears of it."""

    ours: timedelta

    def ends(self, kind: Unsettled, *, since: datetime) -> datetime | None:
        """Return when money of a kind is overdue; None where we promise nothing."""
        if kind in OURS:
            return since + self.ours
        return since + PROVIDERS_TIME if kind in THEIRS else None


def unsettled(purchase: Purchase) -> Iterator[Unsettled]:
    """Name what each piece of a purchase's money waits for."""
    states: Mapping[RefundState, Unsettled] = {
        RefundState.DUE: (
            Unsettled.DISPUTED if purchase.forbids_refunds else Unsettled.REFUND_DUE
        ),
        RefundState.SENT: Unsettled.REFUND_SENT,
    }
    for row in purchase.refunds:
        if row.state in states:
            yield states[row.state]
    if owes_after_refund(purchase):
        yield Unsettled.REFUND_OWED
    for extra in purchase.extra_payments:
        kind = _of_extra(extra)
        if kind is not None:
            yield kind


def unsettled_orphan(orphan: Orphan) -> Unsettled | None:
    """Name what an orphan's money waits for; None once it has an outcome."""
    kind = _of_extra(orphan.money) if orphan.is_open else None
    return None if kind is None else OF_NOBODY.get(kind, kind)


def with_age(purchase: Purchase, *, at: datetime) -> Purchase:
    """Return the purchase with since when some of its money has had no outcome.

    Whatever happens to it meanwhile, such as a try that fails, makes it no younger.
    """
    is_open = any(True for _ in unsettled(purchase))
    since = purchase.unsettled_since or at
    return replace(purchase, unsettled_since=since if is_open else None)


def _of_extra(extra: ExtraPayment) -> Unsettled | None:
    match extra.state:
        case ExtraPaymentState.DUE:
            return Unsettled.EXTRA_DUE
        case ExtraPaymentState.SENT:
            return Unsettled.EXTRA_SENT
        case ExtraPaymentState.FAILED:
            return Unsettled.EXTRA_GIVEN_UP
        case ExtraPaymentState.DISPUTED:
            dispute = extra.dispute
            is_over = dispute is not None and dispute.state in FINAL_DISPUTE
            return None if is_over else Unsettled.DISPUTED
        case _:
            return None
