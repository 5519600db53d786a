"""Stripe's payment intent in our words."""

from typing import Any, Final

from adapters.stripe.errors import Unreadable
from adapters.stripe.sessions import mapping, name, text
from application.ports.payments import IntentState
from domain.purchase import PaymentMethod

# https://docs.stripe.com/payments/paymentintents/lifecycle.  Of a complete session,
# nobody tries these again.  `succeeded` is not among them: the money is there, and the
# session says so at the next look.
_OVER: Final = frozenset({"canceled", "requires_payment_method"})


def intent_state_of(data: object) -> IntentState:
    status = name(mapping(data, "payment_intent"), "status")
    return IntentState.OVER if status in _OVER else IntentState.UNDER_WAY


def payment_method_of(data: object) -> PaymentMethod:
    """Read how a payment was made, from an intent with its charge expanded.

    Raises:
        Unreadable: there is no charge, or no word on how it was made.
    """
    charge = mapping(mapping(data, "payment_intent").get("latest_charge"), "charge")
    details = mapping(charge.get("payment_method_details"), "payment_method_details")
    kind = name(details, "type")
    if kind != "card":
        return PaymentMethod(type=kind)
    card: Any = mapping(details.get("card"), "card")
    last4 = text(card, "last4")
    if last4 is not None and len(last4) > len("4242"):
        raise Unreadable("last4")  # never take in more of a card's number
    return PaymentMethod(type=kind, brand=text(card, "brand"), last4=last4)
