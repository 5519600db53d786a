from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from application.errors import ApplicationError
from domain.checkout import CheckoutSession


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
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent:
    """What the provider says has happened.

    `type_name` is the provider's own word for it; `session` is there for every kind
    except OTHER.
    """

    id: str
    kind: EventKind
    type_name: str
    livemode: bool
    created_at: datetime
    session: CheckoutSession | None = None


class PaymentEventVerifier(Protocol):
    def verify(self, body: bytes, signature: str | None) -> PaymentEvent:
        """Return the event, if the provider signed exactly these bytes lately.

        Raises:
            SignatureRefused: any doubt at all, also about the shape of what was signed.
        """
        ...
