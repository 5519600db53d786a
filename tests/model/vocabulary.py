"""The words of the model: what a purchase can be, for us and for Stripe."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple, Self, TypeVar

Item = TypeVar("Item")


class Status(IntEnum):
    """Our word about a purchase; `ABSENT` is one that was not inserted yet."""

    ABSENT = 0
    CREATING = 1
    RESERVED = 2
    PENDING = 3
    CLOSING = 4
    COMPLETED = 5
    REFUNDING = 6
    REFUNDED = 7
    CLOSED = 8


UNPAID: Final = (Status.RESERVED, Status.PENDING, Status.CLOSING)
CANCELLABLE: Final = (Status.CREATING, Status.RESERVED, Status.PENDING)
OWNED: Final = (Status.COMPLETED, Status.REFUNDING)
LIVE: Final = (Status.CREATING, *UNPAID, *OWNED)
TERMINAL: Final = (Status.REFUNDED, Status.CLOSED)
NEXT: Final = {
    Status.ABSENT: {Status.CREATING, Status.RESERVED},
    Status.CREATING: {Status.RESERVED, Status.CLOSED},
    Status.RESERVED: {*UNPAID[1:], Status.COMPLETED, Status.CLOSED},
    Status.PENDING: {Status.CLOSING, Status.COMPLETED, Status.CLOSED},
    Status.CLOSING: {Status.COMPLETED, Status.CLOSED},
    Status.COMPLETED: {Status.REFUNDING, Status.REFUNDED},
    Status.REFUNDING: {Status.REFUNDED, Status.COMPLETED},
    Status.REFUNDED: set[Status](),
    Status.CLOSED: set[Status](),
}


class Session(IntEnum):
    """Stripe's session.

    `UNPAID` is complete, and the delayed payment has failed; `WRONG` is paid, with
    another amount; `REJECTED` was refused, and will be at every later try.
    """

    NONE = 0
    OPEN = 1
    PAID = 2
    EXPIRED = 3
    REJECTED = 4
    PROCESSING = 5
    UNPAID = 6
    WRONG = 7


MONEY_CAME: Final = (Session.PAID, Session.WRONG)


class Refund(IntEnum):
    """Stripe's refund.

    `REFUSED` and `DISPUTED` are none: the key holds an error, and in the latter case
    the error says that the charge is disputed.
    """

    NONE = 0
    PENDING = 1
    DONE = 2
    FAILED = 3
    FAILED_LATE = 4  # after it had succeeded
    REFUSED = 5
    DISPUTED = 6


ACTIVE: Final = (Refund.PENDING, Refund.DONE)
HAS_FAILED: Final = (Refund.FAILED, Refund.FAILED_LATE)


class Row(IntEnum):
    """Our row about one refund."""

    NONE = 0
    DUE = 1
    SENT = 2
    DONE = 3
    FAILED = 4
    REFUSED = 5


OPEN_ROW: Final = (Row.DUE, Row.SENT)
COUNTED_ROW: Final = (*OPEN_ROW, Row.DONE)
ROW_NEXT: Final = {
    Row.NONE: {Row.DUE, Row.SENT, Row.DONE, Row.FAILED, Row.REFUSED},
    Row.DUE: {Row.SENT, Row.DONE, Row.FAILED, Row.REFUSED},
    Row.SENT: {Row.DONE, Row.FAILED, Row.REFUSED},
    Row.DONE: {Row.FAILED},
    Row.FAILED: set[Row](),
    Row.REFUSED: {Row.SENT, Row.DONE, Row.FAILED},
}


class Dispute(IntEnum):
    """A bank's word about a payment: Stripe's knowledge of it, or ours."""

    NONE = 0
    OPEN = 1
    WON = 2
    LOST = 3
    LOST_IN_PART = 4


DISPUTED: Final = (Dispute.OPEN, Dispute.LOST, Dispute.LOST_IN_PART)
LOST: Final = (Dispute.LOST, Dispute.LOST_IN_PART)


class Choice(IntEnum):
    REP = 0
    PLAIN = 1


class Terms(NamedTuple):
    """What a program is sold by; prices are numbered, and only tell equal ones."""

    price: int
    limit: int
    is_for_sale: bool = True


class Program(NamedTuple):
    limit: int
    revision: int = 0  # how often an admin has changed its terms


class Mail(IntEnum):
    NONE = 0
    DUE = 1
    SENT = 2


class Extra(NamedTuple):
    """One more payment of the same purchase: the money at Stripe, and our row."""

    money: Refund = Refund.NONE  # NONE: not paid, PENDING: paid, DONE: refunded
    row: Row = Row.NONE


PRICE: Final = 2  # units, so that half of it can be given back
OWN: Final = (0, 1, 2, 3)  # the refunds that we ask for, by their number
DASHBOARD: Final = 4  # the one that somebody asks for in Stripe's dashboard
EVERY: Final = (*OWN, DASHBOARD)
EXTRAS: Final = (0, 1)


class Purchase(NamedTuple):
    """Everything about one purchase: our document, its spot, and what Stripe has."""

    status: Status = Status.ABSENT
    choice: Choice = Choice.REP
    price: int = 0  # the one that it was offered at
    holds_spot: bool = False  # stands in the program's document
    session_saved: bool = False
    url_shown: bool = False
    mail: Mail = Mail.NONE
    rows: tuple[Row, ...] = (Row.NONE,) * 5
    amounts: tuple[int, ...] = (0,) * 5  # of row or refund, whichever came first
    noted_dispute: Dispute = Dispute.NONE
    extras: tuple[Extra, ...] = (Extra(),) * 2
    session: Session = Session.NONE
    key_holds_500: bool = False
    refunds: tuple[Refund, ...] = (Refund.NONE,) * 5
    dispute: Dispute = Dispute.NONE

    def with_row(self, number: int, row: Row, amount: int | None = None) -> Self:
        amounts = self.amounts if amount is None else put(self.amounts, number, amount)
        return self._replace(rows=put(self.rows, number, row), amounts=amounts)

    def with_refund(self, number: int, refund: Refund, amount: int = 0) -> Self:
        amounts = put(self.amounts, number, amount or self.amounts[number])
        refunds = put(self.refunds, number, refund)
        return self._replace(refunds=refunds, amounts=amounts)

    def with_extra(self, number: int, extra: Extra) -> Self:
        return self._replace(extras=put(self.extras, number, extra))

    @property
    def money_is_noted(self) -> bool:
        """Whether money that came too late, or wrong, has a row of ours."""
        return any(self.rows[number] for number in OWN)

    def fresh_row(self, most: int) -> int | None:
        return next((n for n in OWN[:most] if self.rows[n] is Row.NONE), None)

    @property
    def has_open_row(self) -> bool:
        return any(row in OPEN_ROW for row in self.rows)

    def rows_sum(self, *among: Row) -> int:
        return sum(self.amounts[n] for n in EVERY if self.rows[n] in among)

    def refunds_sum(self, *among: Refund) -> int:
        return sum(self.amounts[n] for n in EVERY if self.refunds[n] in among)


def put(items: tuple[Item, ...], number: int, item: Item) -> tuple[Item, ...]:
    return (*items[:number], item, *items[number + 1 :])


def word(of: IntEnum) -> str:
    return of.name.lower().replace("_", " ")


def words(of: Iterable[IntEnum]) -> str:
    return "/".join(word(each) for each in of)
