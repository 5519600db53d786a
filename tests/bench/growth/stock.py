"""Purchases of a shop that sells 137 a day, as they are at rest.

A hundred are its first day, a hundred thousand its first two years: what grows is its
past, and not how much happens in an hour.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import md5
from itertools import islice
from random import Random
from typing import Any, Final

from adapters.mongo.documents import ProgramDocument, PurchaseDocument
from adapters.mongo.money import REFUNDED
from domain.checkout import CheckoutRequest, Payer
from domain.ids import BuyerId, OrderNumber, ProgramId, PurchaseId, SessionId
from domain.money import Money
from domain.outbox import MailState, OutgoingMail
from domain.program import Program, TermsOfSale
from domain.purchase import (
    TERMINAL,
    Buyer,
    ClosedReason,
    OpenSession,
    Payment,
    PaymentMethod,
    Purchase,
    PurchasedProgram,
    Status,
)
from domain.quote import Quote
from domain.refunds import Refund, RefundState
from tests.adapters.mongo.conftest import Row

SEED: Final = 100_000
BETWEEN_TWO: Final = timedelta(days=730) / 100_000
PROGRAMS: Final = 40  # of which some hundreds or some thousands bought each
OF_ONE_BUYER: Final = 5
AT_ONCE: Final = 1_000
HOLD: Final = timedelta(minutes=35)
# Of a hundred.  What is on its way is a matter of the last half hour.
MIX: Final = {Status.COMPLETED: 72, Status.REFUNDED: 4, Status.CLOSED: 24}
PENDING: Final = 5  # at any moment, however many there are


def programs() -> list[Program]:
    price = Money.of(20_000, "usd")
    return [
        Program(
            id=ProgramId(f"program{number}"),
            title=f"Program {number}",
            program_type="course",
            time_zone="Europe/London",
            terms=TermsOfSale(
                full_price=price,
                class_rep_discount=Money.of(5_000, "usd"),
                early_bird_discount=Money.of(0, "usd"),
                early_bird_deadline=None,
                class_rep_limit=10,
            ),
        )
        for number in range(PROGRAMS)
    ]


def purchases(number: int, *, until: datetime) -> Iterator[Purchase]:
    """Return so many, the oldest first; the same again each time it is asked."""
    random = Random(SEED)
    statuses = random.choices(list(MIX), list(MIX.values()), k=number)
    for place, status in enumerate(statuses):
        is_last = number - place <= PENDING
        ago = HOLD / 2 if is_last else BETWEEN_TWO * (number - place) + HOLD
        yield _purchase(
            place,
            Status.PENDING if is_last else status,
            buyers=max(1, number // OF_ONE_BUYER),
            at=_whole(until - ago),
        )


def rows(number: int, *, until: datetime) -> Iterator[list[Row]]:
    """Return them as they are at rest, some at once."""
    each = map(_row, purchases(number, until=until))
    while some := list(islice(each, AT_ONCE)):
        yield some


def program_row(program: Program, *, holders: int = 0) -> Row:
    """Return a program at rest, so many of whose spots are taken."""
    row = _at_rest(ProgramDocument.from_domain(program))
    return row | {"spots": _spots(holders), "class_rep_count": holders}


def _at_rest(document: PurchaseDocument | ProgramDocument) -> Row:
    row: dict[str, Any] = document.model_dump(exclude_none=True)
    return {"_id": row.pop("id"), **row}


def _row(purchase: Purchase) -> Row:
    row = _at_rest(PurchaseDocument.from_domain(purchase))
    return row | ({REFUNDED: purchase.updated_at} if purchase.refunds else {})


def name_of(kind: str, number: int) -> str:
    """Make a name like those that are drawn by chance, the same each time."""
    return md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest()


def _spots(number: int) -> list[str]:
    return [name_of("holder", place) for place in range(number)]


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _purchase(number: int, status: Status, *, buyers: int, at: datetime) -> Purchase:
    id_ = name_of("purchase", number)
    # Only such as hold no spot any more: the programs' books agree without a look.
    is_class_rep = number % 10 == 0 and status in TERMINAL
    begun = Purchase.begin(
        id=PurchaseId(id_),
        order_number=OrderNumber(f"ORD-{at:%Y%m%d}-{id_[:8].upper()}"),
        buyer=_buyer(number % buyers),
        program=PurchasedProgram(
            id=ProgramId(f"program{(number + number // buyers) % PROGRAMS}"),
            title="A program",
            program_type="course",
            time_zone="Europe/London",
        ),
        quote=_quote(at, is_class_rep=is_class_rep),
        request=CheckoutRequest(
            expires_at=at + HOLD, parameters={"mode": "payment", "purchase_id": id_}
        ),
        at=at,
    )
    session = OpenSession(
        id=SessionId(f"cs_test_{id_}"),
        url=f"https://checkout.stripe.com/c/pay/cs_test_{id_}",
        expires_at=at + HOLD,
    )
    return _moved(replace(begun, session=session), status, at=at)


def _buyer(number: int) -> Buyer:
    who = f"buyer{number}"
    return Buyer(id=BuyerId(who), email=f"{who}@example.org", name=f"Buyer {number}")


def _quote(at: datetime, *, is_class_rep: bool) -> Quote:
    discount = 5_000 if is_class_rep else 0
    return Quote(
        full_price=Money.of(20_000, "usd"),
        class_rep_discount=Money.of(discount, "usd"),
        early_bird_discount=Money.of(0, "usd"),
        total=Money.of(20_000 - discount, "usd"),
        is_class_rep=is_class_rep,
        is_early_bird=False,
        program_revision=1,
        quoted_at=at,
    )


def _moved(purchase: Purchase, status: Status, *, at: datetime) -> Purchase:
    moved = replace(purchase, status=status, updated_at=at + timedelta(minutes=5))
    if status is Status.CLOSED:
        return replace(moved, closed_reason=ClosedReason.EXPIRED)
    if status is Status.PENDING:
        return moved
    paid = Payment(
        session_id=SessionId(f"cs_test_{purchase.id}"),
        payment_intent=f"pi_{purchase.id}",
        amount=purchase.quote.total,
    )
    refund = Refund(
        id=f"rf_{purchase.id}",
        amount=purchase.quote.total,
        reason="requested_by_customer",
        by="buyer",
        state=RefundState.DONE,
        stripe_id=f"re_{purchase.id}",
    )
    return replace(
        moved,
        paid=paid,
        payer=Payer(name=purchase.buyer.name, country="GB"),
        payment_method=PaymentMethod(type="card", brand="visa", last4="4242"),
        completed_at=moved.updated_at,
        confirmation=OutgoingMail(
            message_id=f"<confirm.{purchase.id}@example.org>",
            until=moved.updated_at,
            state=MailState.SENT,
            tries=1,
        ),
        refunds=(refund,) if status is Status.REFUNDED else (),
        money_revision=int(status is Status.REFUNDED),
    )
