"""Purchases, and what happened to one."""

from datetime import datetime

from msgspec import field

from entrypoints.backoffice.answers.shared import Fact, Listed
from entrypoints.storefront.answers import Answer, PaymentMethodAnswer, QuoteAnswer


class GivenBack(Answer, frozen=True):
    amount: int
    currency: str
    status: str
    reason: str


class PersonAnswer(Answer, frozen=True):
    id: str | None = None
    name: str | None = None
    email: str | None = None


class PurchaseRow(Answer, frozen=True):
    """A purchase as admins see it; what an older row lacks is None."""

    id: str
    order_number: str
    program_id: str
    program_title: str
    status: str
    quote: QuoteAnswer
    created_at: datetime
    closed_reason: str | None = None
    purchase_date: datetime | None = None
    expires_at: datetime | None = None
    refunds: list[GivenBack] = field(default_factory=list)
    payment_method: PaymentMethodAnswer | None = None
    buyer: PersonAnswer | None = None


class ActAnswer(Answer, frozen=True):
    what: str
    by: str
    why: str
    at: datetime


class Moment(Answer, frozen=True):
    """One entry of a timeline."""

    at: datetime
    kind: str
    what: str
    facts: dict[str, Fact] = field(default_factory=dict)


class UnreadableRow(Answer, frozen=True):
    """A row that this version of the service cannot read."""

    id: str
    why: str


class PurchaseList(Listed[PurchaseRow], frozen=True):
    unreadable: list[UnreadableRow] = field(default_factory=list)


class ExtraPayment(Answer, frozen=True):
    """Money beside the purchase's own payment, which must go back."""

    amount: int
    currency: str
    reason: str
    status: str
    session_id: str
    payment_intent: str | None = None


class OwedMail(Answer, frozen=True):
    what: str
    state: str
    tries: int


class PurchaseFile(Answer, frozen=True):
    """One purchase; its timeline begins with the oldest."""

    purchase: PurchaseRow
    buyer: PersonAnswer
    state: str | None = None
    session_id: str | None = None
    payment_intent: str | None = None
    dispute: str | None = None
    extra_payments: list[ExtraPayment] = field(default_factory=list)
    mails: list[OwedMail] = field(default_factory=list)
    acts: list[ActAnswer] = field(default_factory=list)
    timeline: list[Moment] = field(default_factory=list)


class RefundPreview(Answer, frozen=True):
    """What a refund would do; `message` says why none is possible."""

    refundable: bool
    amount: int
    currency: str
    left: int = 0
    why: str | None = None
    message: str | None = None
    loses_access: bool = False
    releases_spot: bool = False
