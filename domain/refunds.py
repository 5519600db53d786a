"""Rows about money that goes back: one for each refund, keyed by its id."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from domain.disputes import Dispute
from domain.errors import DomainError
from domain.ids import SessionId
from domain.money import Money

REFUNDS_MAX: Final = 10  # rows in one purchase (invariant I20)
EXTRA_PAYMENTS_MAX: Final = 5
EXTRA_TRIES_MAX: Final = 12
FAILED_IDS_MAX: Final = 2 * EXTRA_TRIES_MAX


class RefundState(StrEnum):
    DUE = "due"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"


# A failed row is final; done moves only to failed; a refused one may yet turn out done.
REFUND_NEXT: Final[Mapping[RefundState, frozenset[RefundState]]] = {
    RefundState.DUE: frozenset(
        {
            RefundState.SENT,
            RefundState.DONE,
            RefundState.FAILED,
            RefundState.REFUSED,
        }
    ),
    RefundState.SENT: frozenset(
        {RefundState.DONE, RefundState.FAILED, RefundState.REFUSED}
    ),
    RefundState.DONE: frozenset({RefundState.FAILED}),
    RefundState.FAILED: frozenset(),
    RefundState.REFUSED: frozenset({RefundState.SENT, RefundState.DONE}),
}
OPEN_STATES: Final = frozenset({RefundState.DUE, RefundState.SENT})
COUNTED_STATES: Final = OPEN_STATES | {RefundState.DONE}


class RefundMovedBackwards(DomainError):
    code = "refund_moved_backwards"

    def __init__(self, *, current: RefundState, wanted: RefundState) -> None:
        super().__init__(f"A {current} refund cannot become {wanted}.")
        self.current = current
        self.wanted = wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """An intent to give back `amount` of the purchase's own payment."""

    id: str
    amount: Money
    reason: str
    by: str
    state: RefundState = RefundState.DUE
    stripe_id: str | None = None

    def moved_to(self, wanted: RefundState) -> Self:
        """Move along the row's own table.

        Raises:
            RefundMovedBackwards: the row is final, or was past that state.
        """
        if wanted not in REFUND_NEXT[self.state]:
            raise RefundMovedBackwards(current=self.state, wanted=wanted)
        return replace(self, state=wanted)


class ExtraPaymentState(StrEnum):
    DUE = "due"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"  # given up: a human must give it back
    DISPUTED = "disputed"


OPEN_EXTRAS: Final = frozenset({ExtraPaymentState.DUE, ExtraPaymentState.SENT})


class ExtraReason(StrEnum):
    """Why a payment is not the one that completes its purchase."""

    LATE = "late"  # the purchase was closed
    SECOND = "second"  # another session already paid for it
    FOREIGN_SESSION = "foreign_session"  # not the session that we opened
    WRONG_AMOUNT = "wrong_amount"
    ORPHAN = "orphan"  # no purchase can name it (domain.orphans)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraPayment:
    """Money that must go back: late, second, or not what was quoted.

    It is recorded first and refunded after, by the key of its session and its `tries`
    (docs/adr/0010).  A try that fails makes the next one due in the same write, and its
    refund's id joins `failed`, so that an old word on it is known to be old.
    """

    session_id: SessionId
    payment_intent: str | None
    amount: int
    currency: str
    reason: ExtraReason
    tries: int = 0
    state: ExtraPaymentState = ExtraPaymentState.DUE
    stripe_id: str | None = None
    failed: tuple[str, ...] = ()
    dispute: Dispute | None = None

    @property
    def row_id(self) -> str:
        """Name this try of giving it back."""
        return f"{self.session_id}:{self.tries}"

    def sent(self, stripe_id: str) -> Self:
        """Wait for the bank; nothing else may have happened since it was due."""
        if self.state is not ExtraPaymentState.DUE:
            return self
        return replace(self, state=ExtraPaymentState.SENT, stripe_id=stripe_id)

    def done(self, stripe_id: str) -> Self:
        """Name the refund that gave it back; only a failure makes it another one's.

        A word that another refund succeeded may be older than that one's failure.
        """
        if self.state is ExtraPaymentState.DONE:
            return self
        return replace(self, state=ExtraPaymentState.DONE, stripe_id=stripe_id)

    def refused(self) -> Self:
        """Make the next try due, or leave it to a human after the last one.

        While a bank decides about the payment, it is left to the bank.
        """
        tries = self.tries + 1
        state = self.state
        if self.dispute is not None and self.dispute.forbids_refunds:
            state = ExtraPaymentState.DISPUTED
        elif state is not ExtraPaymentState.DISPUTED:
            is_last = tries >= EXTRA_TRIES_MAX
            state = ExtraPaymentState.FAILED if is_last else ExtraPaymentState.DUE
        return replace(self, state=state, tries=tries, stripe_id=None)

    def remembers_failure(self, stripe_id: str) -> Self:
        """Know a refund that came to nothing, so that no old word on it counts."""
        known = (*self.failed, stripe_id)[-FAILED_IDS_MAX:]
        return replace(self, failed=known)

    def disputed(self, dispute: Dispute) -> Self:
        """Leave it to the bank, which may take the money itself.

        Once the bank leaves it with us, it is owed again.  A dispute older than the one
        that is known changes nothing.
        """
        if self.dispute is not None and not self.dispute.is_older_than(dispute):
            return self
        row = replace(self, dispute=dispute)
        if self.state is ExtraPaymentState.DONE:
            return row
        if dispute.forbids_refunds:
            return replace(row, state=ExtraPaymentState.DISPUTED)
        if self.state is not ExtraPaymentState.DISPUTED:
            return row
        is_under_way = self.stripe_id is not None
        state = ExtraPaymentState.SENT if is_under_way else ExtraPaymentState.DUE
        return replace(row, state=state)
