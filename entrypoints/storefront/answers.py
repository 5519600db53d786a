"""The service's answers, as far as the pages read them.

Fields that a page does not show are left out, and new ones never disturb it.
"""

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Every answer: immutable here, camelCase on the wire."""


class Envelope(Answer, Generic[T], frozen=True):
    data: T


class Items(Answer, Generic[T], frozen=True):
    items: list[T]
    total: int


class ProgramAnswer(Answer, frozen=True):
    id: str
    title: str
    program_type: str
    full_price: int
    currency: str
    is_free: bool
    class_rep_limit: int
    spots_left: int | None
    class_rep_discount: int
    early_bird_discount: int
    early_bird_deadline: datetime | None
    time_zone: str


class QuoteAnswer(Answer, frozen=True):
    full_price: int
    class_rep_discount: int
    early_bird_discount: int
    total: int
    currency: str


class RefundAnswer(Answer, frozen=True):
    amount: int
    currency: str
    status: str
    created_at: datetime | None = None


class PaymentMethodAnswer(Answer, frozen=True):
    type: str
    brand: str | None = None
    last4: str | None = None


class BillingAnswer(Answer, frozen=True):
    name: str | None = None
    email: str | None = None
    country: str | None = None


class PurchaseAnswer(Answer, frozen=True):
    """A purchase as its buyer may see it.

    `session_url` is there only while it can be paid.
    """

    id: str
    order_number: str
    program_id: str
    program_title: str
    is_class_rep: bool
    status: str
    quote: QuoteAnswer
    closed_reason: str | None = None
    session_url: str | None = None
    expires_at: datetime | None = None
    purchase_date: datetime | None = None
    created_at: datetime | None = None
    refunds: list[RefundAnswer] = []
    payment_method: PaymentMethodAnswer | None = None
    billing_info: BillingAnswer | None = None
    time_zone: str = "UTC"


class CheckoutAnswer(Answer, frozen=True):
    """Where to pay; nowhere, when the place costs nothing."""

    purchase_id: str
    session_url: str | None = None


class AccessAnswer(Answer, frozen=True):
    has_access: bool
    reason: str


class ProblemAnswer(Answer, frozen=True):
    """RFC 9457, as the service words its refusals."""

    detail: str
    code: str = ""
    purchase_id: str | None = None
