"""What a worker is, what it sees, and what one step of it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import ClassVar, Final, NamedTuple

from tests.model.configuration import Configuration
from tests.model.vocabulary import (
    COUNTED_ROW,
    DISPUTED,
    NEXT,
    PRICE,
    UNPAID,
    Choice,
    Dispute,
    Purchase,
    Row,
    Status,
)

# Money of a purchase in one of these, once it is noted, is not its price.
GOES_BACK: Final = (*UNPAID, Status.CLOSED)
Buyers = tuple[tuple[Purchase, ...], ...]


class Worker(NamedTuple):
    """A request, an event or a job: where it is, and all that it remembers.

    It may stop for good, or be paused for any time, before its next step.
    """

    step: str
    buyer: int
    attempt: int = 0
    number: int = 0  # of a refund or of an extra payment
    order: Choice | None = None  # to be inserted when the old purchase is closed
    retried: bool = False  # this is its second and last try
    found: tuple[int, bool] | None = None  # a listed refund, and whether it is done
    holder: tuple[int, int] | None = None  # a terminal purchase that holds a spot
    dispute: Dispute = Dispute.NONE  # as an event or a listing told it
    known: int = 0  # the revision of the terms that it goes by
    has_read: bool = False  # it read them itself, and has them not from a cache
    is_own: bool = False  # the purchase is the one that it has begun
    began: int = 0  # the program's revision when its request came


class Kind(Enum):
    """What the outside notices of a step."""

    QUIET = auto()
    STRIPE = auto()  # a call to Stripe
    ACK = auto()  # Stripe may forget its event
    ACK_EXTRA = auto()  # the same, for an extra payment
    URL = auto()  # the buyer may pay now
    REFUND = auto()  # the decision to ask Stripe for a refund


class Step(NamedTuple):
    """One atomic operation on one document, or one call to Stripe."""

    label: str
    buyer: int
    attempt: int
    purchase: Purchase | None  # what became of it; None: nothing
    then: Worker | None
    kind: Kind = Kind.QUIET


Steps = list[Step]


@dataclass(frozen=True, slots=True)
class View:
    """What most steps see: the worker whose turn it is, and its purchase."""

    worker: Worker
    purchase: Purchase
    is_full: bool  # the program
    revision: int = field(default=0, kw_only=True)  # of the program

    def go(
        self,
        label: str,
        then: Worker | None = None,
        *,
        to: Purchase | None = None,
        kind: Kind = Kind.QUIET,
    ) -> Steps:
        buyer, attempt = self.worker.buyer, self.worker.attempt
        return [Step(label, buyer, attempt, to, then, kind)]

    def stripe(
        self, label: str, then: Worker | None = None, *, to: Purchase | None = None
    ) -> Steps:
        """Call Stripe."""
        return self.go(label, then, to=to, kind=Kind.STRIPE)

    def ack(
        self,
        label: str,
        then: Worker | None = None,
        *,
        to: Purchase | None = None,
        kind: Kind = Kind.ACK,
    ) -> Steps:
        """Do what makes an event safe to forget: from here on it may be answered."""
        return self.go(label, then, to=to, kind=kind)

    def answer(self, label: str, *, to: Purchase) -> Steps:
        """Show the buyer where to pay."""
        return self.go(label, to=to, kind=Kind.URL)

    def on(self, step: str) -> Worker:
        """Return the worker at its next step, with what it remembers."""
        return self.worker._replace(step=step)

    def anew(self, step: str) -> Worker:
        """Return the worker at its next step, with nothing but the purchase in mind."""
        return Worker(step, self.worker.buyer, self.worker.attempt)


@dataclass(frozen=True, slots=True)
class WideView(View):
    """What a step sees that reads other purchases, too."""

    buyers: Buyers


class Room:
    """One part of the protocol: each public method is a step of a worker."""

    moves: ClassVar[Mapping[Status, set[Status]]] = NEXT

    def __init__(self, configuration: Configuration) -> None:
        self.having = configuration

    def is_free(self, purchase: Purchase) -> bool:
        return purchase.choice in self.having.free

    def _back_to_completed(self, purchase: Purchase) -> Purchase:
        """Keep access when what is done or on its way is not the whole price."""
        is_less = purchase.rows_sum(*COUNTED_ROW) < PRICE
        if purchase.status is Status.REFUNDING and is_less:
            return set_status(purchase, Status.COMPLETED)
        return purchase

    def _intend_again(self, purchase: Purchase) -> Purchase:
        """Money of a terminal purchase that is not on its way back gets a new row.

        Not while a bank decides about it, which may take it itself.
        """
        number = purchase.fresh_row(self.having.most_refunds)
        missing = PRICE - purchase.rows_sum(*COUNTED_ROW)
        is_owed = purchase.status in {*GOES_BACK, Status.REFUNDED}
        is_left = purchase.noted_dispute not in DISPUTED and missing > 0
        if is_owed and is_left and number is not None:
            return purchase.with_row(number, Row.DUE, missing)
        return purchase


def set_status(purchase: Purchase, status: Status) -> Purchase:
    return purchase._replace(status=status)
