"""What a provider in memory remembers to have happened."""

from datetime import datetime
from typing import Final

from application.ports.payment_events import (
    ChargeReport,
    EventKind,
    EventObject,
    PaymentEvent,
)
from domain.checkout import CheckoutSession
from domain.disputes import DisputeReport
from domain.refunding import RefundReport

FIELD_OF: Final[dict[type[EventObject], str]] = {
    CheckoutSession: "session",
    RefundReport: "refund",
    ChargeReport: "charge",
    DisputeReport: "dispute",
}


def event_about(
    subject: EventObject,
    kind: EventKind,
    *,
    id: str,  # noqa: A002  # the field's name
    at: datetime,
    livemode: bool = False,
) -> PaymentEvent:
    return PaymentEvent(
        id=id,
        kind=kind,
        type_name=kind.value,
        livemode=livemode,
        created_at=at,
        **{FIELD_OF[type(subject)]: subject},  # type: ignore[arg-type]
    )
