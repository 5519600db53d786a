"""Disputes: a bank takes a payment into question, and perhaps takes it back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from domain.money import Money


class DisputeState(StrEnum):
    """https://docs.stripe.com/api/disputes/object, `status`."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"


OVER_FOR_US: Final = frozenset(
    {DisputeState.WARNING_CLOSED, DisputeState.WON, DisputeState.PREVENTED}
)
FINAL_DISPUTE: Final = OVER_FOR_US | {DisputeState.LOST}

# The way of a dispute; an inquiry ("warning") may become one.  A word from further back
# is an old one, whenever it comes.
WAY: Final = (
    DisputeState.WARNING_NEEDS_RESPONSE,
    DisputeState.WARNING_UNDER_REVIEW,
    DisputeState.NEEDS_RESPONSE,
    DisputeState.UNDER_REVIEW,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A buyer's bank took the payment into question."""

    id: str
    state: DisputeState
    amount: Money
    opened_at: datetime

    @property
    def forbids_refunds(self) -> bool:
        """Say whether a refund could give the money back twice."""
        return self.state not in OVER_FOR_US

    def is_older_than(self, other: Self) -> bool:
        """Say whether the other one is news: a later dispute, or a later state."""
        if self.id != other.id:
            return self.opened_at < other.opened_at
        return self._stage < other._stage

    @property
    def _stage(self) -> int:
        return len(WAY) if self.state in FINAL_DISPUTE else WAY.index(self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeReport:
    """The provider's word on a dispute of one payment."""

    payment_intent: str
    dispute: Dispute
