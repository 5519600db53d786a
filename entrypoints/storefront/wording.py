"""What the service's words mean to a buyer."""

from collections.abc import Mapping
from typing import Final

from entrypoints.storefront.answers import PaymentMethodAnswer

STATUS: Final[Mapping[str, str]] = {
    "pending": "Waiting for payment",
    "completed": "Completed",
    "failed": "Ended without payment",
    "refund_processing": "Refund on its way",
    "refunded": "Refunded",
    "refund_failed": "Refund failed, you keep your place",
}
CLOSED: Final[Mapping[str, str]] = {
    "cancelled": "You cancelled it.",
    "expired": "The time to pay ran out.",
    "limit_reached": "Somebody else took the last class-rep spot.",
    "rejected": "The payment provider did not accept it.",
    "replaced": "You chose another place instead.",
    "failed": "The payment failed.",
}
REFUND: Final[Mapping[str, str]] = {
    "due": "Being prepared",
    "sent": "On its way",
    "done": "Paid back",
    "failed": "Failed",
    "refused": "Refused",
}


def status(word: str) -> str:
    return STATUS.get(word, word.replace("_", " "))


def closed(reason: str | None) -> str:
    return CLOSED.get(reason or "", "It ended without payment.")


def refund(word: str) -> str:
    return REFUND.get(word, word.replace("_", " "))


def payment_method(method: PaymentMethodAnswer | None, total: int) -> str:
    """Name the card as people do; the service learns it soon after the payment."""
    if method is None:
        return "Not known yet" if total else "None was needed"
    if method.brand and method.last4:
        return f"{method.brand.title()} ending in {method.last4}"
    return method.type.replace("_", " ").capitalize()
