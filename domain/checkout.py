"""What we ask the payment provider, and what it says about a checkout session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.ids import PurchaseId, SessionId

# A session may end no sooner after its creation than this, and no later
# (https://docs.stripe.com/api/checkout/sessions/create, `expires_at`).
SHORTEST_SESSION: Final = timedelta(minutes=30)
LONGEST_SESSION: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutRequest:
    """What the provider is asked, word for word, each time that it is asked.

    Stored with the purchase before the first call, so that neither a retry nor a newer
    version of the service asks anything else under the same idempotency key
    (invariant I16).  `expires_at` is absolute, by the provider's clock.
    """

    expires_at: datetime
    parameters: Mapping[str, object]

    @property
    def closes_at(self) -> datetime:
        """Return when the provider begins to refuse it: too near its own end."""
        return self.expires_at - SHORTEST_SESSION


class SessionStatus(StrEnum):
    """https://docs.stripe.com/api/checkout/sessions/object, `status`."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class PaymentStatus(StrEnum):
    """https://docs.stripe.com/api/checkout/sessions/object, `payment_status`."""

    PAID = "paid"
    UNPAID = "unpaid"
    NOT_REQUIRED = "no_payment_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who paid, as far as we keep it: no address, no card holder."""

    name: str | None = None
    email: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutSession:
    """The provider's word on one session, at one moment.

    `purchase_id`, `app` and `environment` are what we wrote into its metadata; they are
    None on a session that is not ours.  `amount_total` is in minor units.
    """

    id: SessionId
    status: SessionStatus
    payment_status: PaymentStatus
    amount_total: int
    currency: str
    livemode: bool
    created_at: datetime
    expires_at: datetime
    url: str | None = None
    payment_intent: str | None = None
    purchase_id: PurchaseId | None = None
    app: str | None = None
    environment: str | None = None
    payer: Payer = Payer()

    @property
    def is_paid(self) -> bool:
        return self.payment_status is PaymentStatus.PAID
