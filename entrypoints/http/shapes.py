"""What purchases, prices and pages look like over HTTP."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Generic, Literal, Protocol, TypeVar

import msgspec
from litestar.params import QueryParameter

from domain.purchase import Purchase, Status
from domain.quote import Quote
from domain.refunds import Refund

PAGE_MAX: Final = 100_000
PAGE_SIZE_MAX: Final = 100
PAGE_SIZE: Final = 20

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=PAGE_MAX)]
PageSize = Annotated[int, QueryParameter(name="pageSize", ge=1, le=PAGE_SIZE_MAX)]

T = TypeVar("T")


class Shape(msgspec.Struct, rename="camel", kw_only=True):
    """The ancestor of what is answered: JSON in camelCase."""


class Success(Shape, Generic[T], kw_only=True):
    success: Literal[True] = True
    data: T


class Page(Shape, Generic[T]):
    items: list[T]
    page: int
    page_size: int
    total: int


Row = TypeVar("Row", bound=Shape)


class Counted(Protocol):
    """A page of anything, with how many there are on all pages."""

    @property
    def total(self) -> int: ...


def page_of(
    found: Counted, items: list[Row], *, page: int, size: int
) -> Success[Page[Row]]:
    shape = Page(items=items, page=page, page_size=size, total=found.total)
    return Success(data=shape)


class WireStatus(StrEnum):
    """The seed's statuses, which its front end knows."""

    PENDING = "pending"
    FAILED = "failed"
    COMPLETED = "completed"
    REFUND_PROCESSING = "refund_processing"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"


ON_THE_WIRE: Final = {
    Status.CREATING: WireStatus.PENDING,
    Status.RESERVED: WireStatus.PENDING,
    Status.PENDING: WireStatus.PENDING,
    Status.CLOSING: WireStatus.PENDING,
    Status.CLOSED: WireStatus.FAILED,
    Status.COMPLETED: WireStatus.COMPLETED,
    Status.REFUNDING: WireStatus.REFUND_PROCESSING,
    Status.REFUNDED: WireStatus.REFUNDED,
}


def wire_status(purchase: Purchase) -> WireStatus:
    if purchase.last_refund_failed:
        return WireStatus.REFUND_FAILED
    return ON_THE_WIRE[purchase.status]


class QuoteShape(Shape):
    """Amounts in minor units of `currency`."""

    full_price: int
    class_rep_discount: int
    early_bird_discount: int
    total: int
    currency: str
    is_class_rep: bool
    is_early_bird: bool
    fingerprint: str

    @classmethod
    def of(cls, quote: Quote) -> "QuoteShape":
        return cls(
            full_price=quote.full_price.amount,
            class_rep_discount=quote.class_rep_discount.amount,
            early_bird_discount=quote.early_bird_discount.amount,
            total=quote.total.amount,
            currency=quote.total.currency.code,
            is_class_rep=quote.is_class_rep,
            is_early_bird=quote.is_early_bird,
            fingerprint=quote.fingerprint,
        )


class RefundShape(Shape):
    id: str
    amount: int
    currency: str
    status: str
    reason: str

    @classmethod
    def of(cls, refund: Refund) -> "RefundShape":
        return cls(
            id=refund.id,
            amount=refund.amount.amount,
            currency=refund.amount.currency.code,
            status=refund.state.value,
            reason=refund.reason,
        )


class PaymentMethodShape(Shape):
    type: str
    brand: str | None
    last4: str | None


class BillingShape(Shape):
    name: str | None
    email: str | None
    country: str | None


class PurchaseShape(Shape):
    """`sessionUrl` is there only while the purchase can be paid."""

    id: str
    order_number: str
    program_id: str
    program_title: str
    is_class_rep: bool
    is_early_bird: bool
    quote: QuoteShape
    status: WireStatus
    closed_reason: str | None
    session_url: str | None
    expires_at: datetime | None
    created_at: datetime
    purchase_date: datetime | None
    refunds: list[RefundShape]
    payment_method: PaymentMethodShape | None
    billing_info: BillingShape | None

    @classmethod
    def of(cls, purchase: Purchase) -> "PurchaseShape":
        closed, session = purchase.closed_reason, purchase.session
        return cls(
            id=purchase.id,
            order_number=purchase.order_number,
            program_id=purchase.program.id,
            program_title=purchase.program.title,
            is_class_rep=purchase.is_class_rep,
            is_early_bird=purchase.quote.is_early_bird,
            quote=QuoteShape.of(purchase.quote),
            status=wire_status(purchase),
            closed_reason=closed.value if closed else None,
            session_url=purchase.pay_url,
            expires_at=session.expires_at if session else None,
            created_at=purchase.created_at,
            purchase_date=purchase.completed_at,
            refunds=[RefundShape.of(refund) for refund in purchase.refunds],
            payment_method=payment_method_of(purchase),
            billing_info=billing_of(purchase),
        )


def payment_method_of(purchase: Purchase) -> PaymentMethodShape | None:
    method = purchase.payment_method
    if method is None:
        return None
    return PaymentMethodShape(type=method.type, brand=method.brand, last4=method.last4)


def billing_of(purchase: Purchase) -> BillingShape | None:
    payer = purchase.payer
    if payer is None:
        return None
    return BillingShape(name=payer.name, email=payer.email, country=payer.country)
