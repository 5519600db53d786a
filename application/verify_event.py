"""Somebody says that the provider tells us something."""

from dataclasses import dataclass

from application.ports.alerts import Alert, Alerts
from application.ports.payment_events import (
    PaymentEvent,
    PaymentEventVerifier,
    SignatureRefused,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyEvent:
    """Believe the provider and nobody else, and notice when we do not understand it."""

    alerts: Alerts
    verifier: PaymentEventVerifier

    async def __call__(self, body: bytes, signature: str | None) -> PaymentEvent:
        """Return the event that the provider signed.

        Raises:
            SignatureRefused: any doubt at all.  A human is told only if the signature
                was right: anybody can send a wrong one, as often as they like.
        """
        try:
            return self.verifier.verify(body, signature)
        except SignatureRefused as refusal:
            if refusal.is_authentic:
                await self.alerts.send(_unread_alert(refusal))
            raise


def _unread_alert(refusal: SignatureRefused) -> Alert:
    return Alert(
        code="webhook_unread",
        message=f"Stripe signed an event that we cannot read: {refusal.reason}.",
        next_step=(
            "Compare the endpoint's API version with the SDK's; Stripe sends the event"
            " again for 3 days."
        ),
    )
