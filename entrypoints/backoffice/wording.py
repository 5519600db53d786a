"""What the API's words mean to an admin."""

from collections.abc import Mapping
from typing import Final

# The navigation, in its order: what a page calls its area, where it is, what it says.
AREAS: Final = (
    ("today", "/admin", "Today"),
    ("purchases", "/admin/purchases", "Purchases"),
    ("programs", "/admin/programs", "Programs"),
    ("findings", "/admin/findings", "Findings"),
    ("orphans", "/admin/orphans", "Orphans"),
    ("events", "/admin/events", "Held events"),
    ("mails", "/admin/mails", "Mail"),
    ("locks", "/admin/locks", "Locks"),
    ("audit", "/admin/audit", "Audit log"),
)
STATUS: Final[Mapping[str, str]] = {
    "pending": "Pending",
    "completed": "Completed",
    "failed": "Ended unpaid",
    "refund_processing": "Refund on its way",
    "refunded": "Refunded",
    "refund_failed": "Refund failed",
    "unreadable": "Unreadable",
}
HAPPENED: Final[Mapping[str, str]] = {
    "request": "Request",
    "stripe": "Stripe",
    "event": "Event",
    "mail": "Mail",
    "act": "By hand",
    "state": "State",
}


def status(word: str) -> str:
    return STATUS.get(word) or words(word)


def happened(kind: str) -> str:
    return HAPPENED.get(kind) or words(kind)


def words(code: str) -> str:
    """Turn a code of the API into words: `late_money` is "Late money"."""
    return code.replace("_", " ").capitalize()


def said(what: str) -> str:
    """Turn a code into words, and leave a route or an event's name as it is."""
    return words(what) if what.replace("_", "").isalpha() else what
