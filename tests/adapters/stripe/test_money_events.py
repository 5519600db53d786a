"""Events of refunds, charges and disputes, as Stripe signs them."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.stripe.webhooks import StripeWebhookVerifier
from application.ports.payment_events import (
    ChargeReport,
    EventKind,
    PaymentEvent,
)
from domain.disputes import Dispute, DisputeReport, DisputeState
from domain.ids import PurchaseId
from domain.money import Money
from domain.refunding import RefundReport, RefundStatus
from entrypoints.simulation.outside.clock import ManualClock
from tests.adapters.stripe.objects import (
    NOON,
    charge_json,
    dispute_json,
    event_json,
    refund_json,
)
from tests.adapters.stripe.signing import SECRET, signed

OURS = {"purchase_id": PurchaseId("p-1"), "app": "spothold", "environment": "test"}
REFUND = ["refund.created", "refund.updated", "refund.failed"]
DISPUTE = ["created", "updated", "closed"]


def read(type_name: str, subject: dict[str, Any]) -> PaymentEvent:
    verifier = StripeWebhookVerifier([SECRET], clock=ManualClock(NOON))
    told = event_json(type=type_name, data={"object": subject})
    return verifier.verify(*signed(told))


@pytest.mark.parametrize("type_name", REFUND)
def test_a_refund_is_read(type_name: str) -> None:
    event = read(type_name, refund_json(status="failed"))

    assert event.kind is EventKind(type_name)
    assert event.subject == RefundReport(
        id="re_1",
        payment_intent="pi_1",
        amount=900,
        currency="eur",
        status=RefundStatus.FAILED,
        created_at=NOON,
        row_id="r-1",
        purchase_id=PurchaseId("p-1"),
        app="spothold",
        environment="test",
    )


def test_a_charge_is_read() -> None:
    event = read("charge.refunded", charge_json())

    assert event.kind is EventKind.CHARGE_REFUNDED
    assert event.subject == ChargeReport(
        id="ch_1",
        payment_intent="pi_1",
        amount_refunded=900,
        purchase_id=PurchaseId("p-1"),
        app="spothold",
        environment="test",
    )


@pytest.mark.parametrize("what", DISPUTE)
def test_a_dispute_is_read(what: str) -> None:
    event = read(f"charge.dispute.{what}", dispute_json(status="lost"))

    assert event.kind is EventKind(f"charge.dispute.{what}")
    assert event.subject == DisputeReport(
        payment_intent="pi_1",
        dispute=Dispute(
            id="dp_1",
            state=DisputeState.LOST,
            amount=Money.of(1500, "eur"),
            opened_at=NOON,
        ),
    )


@pytest.mark.parametrize(
    ("type_name", "written"),
    [
        ("refund.created", refund_json),
        ("charge.refunded", charge_json),
        ("charge.dispute.created", dispute_json),
    ],
)
def test_an_expanded_payment_is_read_too(
    type_name: str, written: Callable[..., dict[str, Any]]
) -> None:
    event = read(type_name, written(payment_intent={"id": "pi_1"}))

    assert isinstance(event.subject, RefundReport | ChargeReport | DisputeReport)
    assert event.subject.payment_intent == "pi_1"


@pytest.mark.parametrize(
    ("type_name", "subject"),
    [
        ("refund.created", refund_json(metadata={}, payment_intent=None)),
        ("refund.created", refund_json(metadata={"app": "bookshop"}, status="melted")),
        ("charge.refunded", charge_json(metadata={}, payment_intent=None)),
        ("charge.dispute.created", dispute_json(payment_intent=None)),
        ("charge.refund.updated", refund_json()),
        ("charge.dispute.funds_withdrawn", dispute_json()),
    ],
)
def test_what_is_not_ours_to_read_is_passed_over(
    type_name: str, subject: dict[str, Any]
) -> None:
    event = read(type_name, subject)

    assert (event.kind, event.subject) == (EventKind.OTHER, None)


@pytest.mark.parametrize(
    ("type_name", "subject", "field"),
    [
        ("refund.created", refund_json(status="melted"), "status"),
        ("refund.created", refund_json(amount=-1), "amount"),
        ("refund.created", refund_json(payment_intent=None), "payment_intent"),
        ("charge.refunded", charge_json(amount_refunded=None), "amount_refunded"),
    ],
)
def test_of_what_is_ours_and_unreadable_the_names_are_told(
    type_name: str, subject: dict[str, Any], field: str
) -> None:
    found = read(type_name, subject).unreadable

    assert found is not None
    assert found.why == f"{field} in api_version 2026-10-28.endive"
    assert (found.id, found.payment_intent) == (
        subject["id"],
        subject["payment_intent"],
    )
    assert (found.app, found.environment) == ("spothold", "test")


@pytest.mark.parametrize(
    ("type_name", "subject"),
    [
        ("refund.created", refund_json(metadata={}, status="melted")),
        ("charge.dispute.created", dispute_json(currency="xxx")),
        ("charge.dispute.updated", dispute_json(status="mislaid")),
    ],
)
def test_of_what_bears_no_mark_the_payment_is_told(
    type_name: str, subject: dict[str, Any]
) -> None:
    event = read(type_name, subject)

    assert event.subject is None
    assert event.unreadable is not None
    assert (event.unreadable.payment_intent, event.unreadable.app) == ("pi_1", None)
