"""What asks for money back, and what tells of it, as the model's workers."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Final

from application.ports.payment_events import EventKind, PaymentEvent
from application.request_refund import RequestRefundCommand
from domain.checkout import CheckoutSession
from domain.disputes import DisputeReport, DisputeState
from domain.purchase import Purchase as Row
from tests.conformance.following import HEARD, Starts
from tests.model.steps import Buyers, Worker
from tests.model.vocabulary import Dispute

ENDS: Final = (EventKind.SESSION_EXPIRED, EventKind.ASYNC_PAYMENT_FAILED)
Place = tuple[int, int]


def asked_back(row: Row, random: Random) -> tuple[str, RequestRefundCommand]:
    """Draw who asks for how much, and name the step of the model that asks."""
    price = row.quote.total.amount
    step, buyer_id, amount = random.choice(
        (
            ("request_refund", row.buyer.id, None),
            ("request_refund", None, None),
            ("request_part", None, price // 2),
            ("request_whole", None, price),
        )
    )
    if row.is_free:
        step, buyer_id, amount = "request_refund", row.buyer.id, None
    return step, RequestRefundCommand(
        purchase_id=row.id, buyer_id=buyer_id, amount=amount
    )


def told(event: PaymentEvent, row: Row, place: Place) -> Starts:
    """Name the workers that an event may start.

    Word of a refund or a dispute may overtake word of the payment, which is then
    settled first.
    """
    subject = event.subject
    if isinstance(subject, CheckoutSession):
        return _about_session(event.kind, subject, place)
    if isinstance(subject, DisputeReport):
        word = _word(subject, row)
        return lambda _buyers: (
            Worker("settle", *place),
            Worker("note_dispute", *place, dispute=word),
        )
    return lambda buyers: (Worker("settle", *place), *_heard(buyers, place))


def _about_session(kind: EventKind, session: CheckoutSession, place: Place) -> Starts:
    workers: Iterable[Worker] = ()
    if session.is_paid:
        workers = (Worker("settle", *place),)
    elif kind in ENDS:
        workers = (Worker("expired", *place),)
    return lambda _buyers: workers


def _heard(buyers: Buyers, place: Place) -> Iterator[Worker]:
    """Whoever tells of one refund may have had all of them listed."""
    buyer, attempt = place
    for number, refund in enumerate(buyers[buyer][attempt].refunds):
        for step in HEARD.get(refund, ()):
            yield Worker(step, *place, number)


def _word(report: DisputeReport, row: Row) -> Dispute:
    dispute = report.dispute
    if dispute.state is DisputeState.LOST:
        is_all = dispute.amount.amount >= row.quote.total.amount
        return Dispute.LOST if is_all else Dispute.LOST_IN_PART
    return Dispute.WON if dispute.state is DisputeState.WON else Dispute.OPEN
