"""What can be known of an object that cannot be read."""

from collections.abc import Mapping
from contextlib import suppress

from adapters.stripe.errors import Unreadable
from adapters.stripe.sessions import APP, id_of, name, purchase_id_of, text
from application.ports.payment_events import UnreadableObject


def names_on(subject: object, *, why: str) -> UnreadableObject | None:
    """Return the names on it, or None if it cannot be ours.

    A dispute, and a refund that was made in the dashboard, bear no mark: their payment
    says whose they are.

    Raises:
        Unreadable: not even our mark can be read.
    """
    if not isinstance(subject, Mapping):
        return None
    metadata = subject.get("metadata")
    mark = metadata if isinstance(metadata, Mapping) else {}
    if mark.get("app") not in (APP, None):
        return None
    found = UnreadableObject(
        why=why,
        id=_name(subject, "id"),
        payment_intent=_payment_intent(subject),
        purchase_id=purchase_id_of(mark),
        app=text(mark, "app"),
        environment=text(mark, "environment"),
    )
    return found if found.app or found.payment_intent else None


def _name(subject: Mapping[str, object], field: str) -> str | None:
    with suppress(Unreadable):
        return name(subject, field)
    return None


def _payment_intent(subject: Mapping[str, object]) -> str | None:
    with suppress(Unreadable):
        return id_of(subject, "payment_intent")
    return None
