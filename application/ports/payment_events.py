from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from application.errors import ApplicationError
from domain.checkout import CheckoutSession
from domain.disputes import DisputeReport
from domain.ids import PurchaseId
from domain.refunding import RefundReport


class SignatureRefused(ApplicationError):
    """There is a doubt about who sent it or what it is; `reason` is for our log.

    `is_authentic`: the signature was right, so the provider itself sends what we cannot
    read.  It will try again for days, and a human should look before it stops.
    """

    code = "invalid_signature"

    def __init__(self, reason: str, *, is_authentic: bool = False) -> None:
        super().__init__("The webhook was refused.")
        self.reason = reason
        self.is_authentic = is_authentic


class EventKind(StrEnum):
    """https://docs.stripe.com/api/events/types; what we do not act on is OTHER."""

    SESSION_COMPLETED = "checkout.session.completed"
    ASYNC_PAYMENT_SUCCEEDED = "checkout.session.async_payment_succeeded"
    ASYNC_PAYMENT_FAILED = "checkout.session.async_payment_failed"
    SESSION_EXPIRED = "checkout.session.expired"
    REFUND_CREATED = "refund.created"
    REFUND_UPDATED = "refund.updated"
    REFUND_FAILED = "refund.failed"
    CHARGE_REFUNDED = "charge.refunded"
    DISPUTE_CREATED = "charge.dispute.created"
    DISPUTE_UPDATED = "charge.dispute.updated"
    DISPUTE_CLOSED = "charge.dispute.closed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeReport:
    """How much of a payment went back, in sum; the refunds themselves are not named.

    The last three are what we wrote on the payment; None on those of others.
    """

    id: str
    payment_intent: str
    amount_refunded: int
    purchase_id: PurchaseId | None = None
    app: str | None = None
    environment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableObject:
    """The names on an object that is not as the provider describes it.

    `why` says which field, and shows no value.  The last three are our mark; without it
    the payment says whose it is.
    """

    why: str
    id: str | None = None
    payment_intent: str | None = None
    purchase_id: PurchaseId | None = None
    app: str | None = None
    environment: str | None = None


EventObject: TypeAlias = CheckoutSession | RefundReport | ChargeReport | DisputeReport


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent:
    """What the provider says has happened.

    `type_name` is the provider's own word for it; `subject` is what it happened to,
    one of the four, for every kind except OTHER; `unreadable` stands for one of them.
    """

    id: str
    kind: EventKind
    type_name: str
    livemode: bool
    created_at: datetime
    session: CheckoutSession | None = None
    refund: RefundReport | None = None
    charge: ChargeReport | None = None
    dispute: DisputeReport | None = None
    unreadable: UnreadableObject | None = None

    @property
    def subject(self) -> EventObject | None:
        return self.session or self.refund or self.charge or self.dispute


class PaymentEventVerifier(Protocol):
    def verify(self, body: bytes, signature: str | None) -> PaymentEvent:
        """Return the event, if the provider signed exactly these bytes lately.

        Raises:
            SignatureRefused: any doubt at all, also about the shape of what was signed.
        """
        ...
