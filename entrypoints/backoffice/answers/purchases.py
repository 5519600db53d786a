"""Purchases, and what happened to one."""

from datetime import datetime

from msgspec import field

from entrypoints.backoffice.answers.shared import Fact
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


class PurchaseFile(Answer, frozen=True):
    purchase: PurchaseRow
    buyer: PersonAnswer
    acts: list[ActAnswer] = field(default_factory=list)
    timeline: list[Moment] = field(default_factory=list)


class RefundPreview(Answer, frozen=True):
    """What a refund would do; `why` is why none is possible."""

    refundable: bool
    amount: int
    currency: str
    left: int = 0
    why: str | None = None
    loses_access: bool = False
    releases_spot: bool = False
