"""Stripe's refunds, charges and disputes in our words."""

from collections.abc import Mapping
from typing import Any

from adapters.stripe.errors import Unreadable
from adapters.stripe.sessions import (
    currency_of,
    id_of,
    mapping,
    moment,
    name,
    purchase_id_of,
    text,
    whole_number,
    word,
)
from application.ports.payment_events import ChargeReport
from domain.disputes import Dispute, DisputeReport, DisputeState
from domain.money import CURRENCIES, Money
from domain.refunding import RefundReport, RefundStatus


def refund_report_of(data: object) -> RefundReport:
    """Read a refund of a payment.

    Raises:
        Unreadable: it says which field.
    """
    refund = mapping(data, "refund")
    metadata = metadata_of(refund)
    return RefundReport(
        id=name(refund, "id"),
        payment_intent=_payment_intent(refund),
        amount=whole_number(refund, "amount"),
        currency=currency_of(refund),
        status=word(RefundStatus, refund, "status"),
        created_at=moment(refund, "created"),
        row_id=text(metadata, "row_id"),
        purchase_id=purchase_id_of(metadata),
        app=text(metadata, "app"),
        environment=text(metadata, "environment"),
    )


def charge_report_of(data: object) -> ChargeReport:
    """Read how much of a charge was refunded; it bears its payment's metadata.

    Raises:
        Unreadable: it says which field.
    """
    charge = mapping(data, "charge")
    metadata = metadata_of(charge)
    return ChargeReport(
        id=name(charge, "id"),
        payment_intent=_payment_intent(charge),
        amount_refunded=whole_number(charge, "amount_refunded"),
        purchase_id=purchase_id_of(metadata),
        app=text(metadata, "app"),
        environment=text(metadata, "environment"),
    )


def dispute_report_of(data: object) -> DisputeReport:
    """Read a dispute; nothing on it says whose it is, save its payment.

    Raises:
        Unreadable: it says which field.
    """
    dispute = mapping(data, "dispute")
    currency = currency_of(dispute)
    if currency not in CURRENCIES:
        raise Unreadable("currency")
    return DisputeReport(
        payment_intent=_payment_intent(dispute),
        dispute=Dispute(
            id=name(dispute, "id"),
            state=word(DisputeState, dispute, "status"),
            amount=Money.of(whole_number(dispute, "amount"), currency),
            opened_at=moment(dispute, "created"),
        ),
    )


def metadata_of(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(data.get("metadata") or {}, "metadata")


def _payment_intent(data: Mapping[str, Any]) -> str:
    payment_intent = id_of(data, "payment_intent")
    if payment_intent is None:
        raise Unreadable("payment_intent")
    return payment_intent
