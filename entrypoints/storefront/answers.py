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
    sales_paused: bool = False


class QuoteAnswer(Answer, frozen=True):
    full_price: int
    class_rep_discount: int
    early_bird_discount: int
    total: int
    currency: str
    is_class_rep: bool


class RefundAnswer(Answer, frozen=True):
    amount: int
    currency: str
    status: str


class PaymentMethodAnswer(Answer, frozen=True):
    type: str
    brand: str | None = None
    last4: str | None = None


class BuyerAnswer(Answer, frozen=True):
    name: str
    email: str


class PurchaseAnswer(Answer, frozen=True):
    """A purchase as its buyer may see it.

    `session_url` is there only while it can be paid.
    """

    id: str
    order_number: str
    program_id: str
    program_title: str
    status: str
    quote: QuoteAnswer
    closed_reason: str | None
    session_url: str | None
    expires_at: datetime | None
    refunds: list[RefundAnswer] = []


class EligibilityAnswer(Answer, frozen=True):
    """What would go back, in minor units; `reason` is why nothing would."""

    eligible: bool
    amount: int
    currency: str
    deadline: datetime | None
    reason: str | None
    message: str | None


class ReceiptAnswer(Answer, frozen=True):
    """A purchase that was completed at some time, refunded or not."""

    id: str
    order_number: str
    program_title: str
    time_zone: str
    status: str
    quote: QuoteAnswer
    purchase_date: datetime
    buyer: BuyerAnswer
    payment_method: PaymentMethodAnswer | None
    refunds: list[RefundAnswer]


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
    field: str | None = None
