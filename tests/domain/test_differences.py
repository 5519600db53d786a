"""What a purchase shows by itself."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.differences import (
    Patience,
    in_purchase,
    is_restless,
    is_troubled,
)
from domain.disputes import DisputeState
from domain.findings import Finding, Severity
from domain.outbox import MailState
from domain.purchase import Purchase, Status
from domain.refunds import ExtraPaymentState, ExtraReason, RefundState
from entrypoints.simulation.outside.clock import NOON
from tests.examples import (
    CONFIRMATION,
    HOLD,
    a_dispute_report,
    a_payment,
    a_purchase,
    a_refund,
    an_extra_payment,
)

TEN_MINUTES = timedelta(minutes=10)
HOUR = timedelta(hours=1)
PENDING_BOUND = HOLD + TEN_MINUTES
DISPUTE = a_dispute_report().dispute
GIVEN_UP = ExtraPaymentState.FAILED


def patience_at(moment: datetime, *, there: datetime | None = None) -> Patience:
    return Patience(at=moment, provider_at=there or moment)


def kinds(found: list[Finding]) -> list[str]:
    return [each.kind.value for each in found]


def shown(purchase: Purchase, after: timedelta = HOUR) -> list[Finding]:
    return list(in_purchase(purchase, patience_at(NOON + after)))


# --- Phases -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "bound"),
    [
        (Status.CREATING, TEN_MINUTES),
        (Status.RESERVED, TEN_MINUTES),
        (Status.CLOSING, TEN_MINUTES),
        (Status.PENDING, PENDING_BOUND),
    ],
)
def test_a_phase_may_last_so_long_and_becomes_critical_an_hour_later(
    status: Status, bound: timedelta
) -> None:
    purchase = a_purchase(status)
    moment = timedelta(microseconds=1)

    assert shown(purchase, bound - moment) == []
    (stuck,) = shown(purchase, bound)
    assert (stuck.kind, stuck.severity) == ("stuck_phase", Severity.WARNING)
    assert shown(purchase, bound + HOUR - moment) == [stuck]
    assert shown(purchase, bound + HOUR) == [stuck.overdue()]


def test_until_when_a_page_may_be_paid_is_said_by_the_providers_clock() -> None:
    """Ours may be days off; that the row is old is for ours to say."""
    pending = a_purchase(Status.PENDING)
    over = NOON + PENDING_BOUND
    behind = patience_at(NOON + TEN_MINUTES, there=over)
    ahead = patience_at(over, there=NOON + TEN_MINUTES)
    begun_ahead = replace(pending, updated_at=over)

    assert kinds(list(in_purchase(pending, behind))) == ["stuck_phase"]
    assert list(in_purchase(pending, ahead)) == []
    assert list(in_purchase(begun_ahead, behind)) == []


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.REFUNDED, Status.CLOSED])
def test_what_is_at_rest_may_last(status: Status) -> None:
    rows = (a_refund(state=RefundState.DONE),) if status is Status.REFUNDED else ()
    purchase = a_purchase(status, refunds=rows)

    assert shown(purchase, timedelta(days=900)) == []
    assert not is_restless(purchase)


def test_a_purchase_that_was_refunded_by_nobody_is_owed() -> None:
    assert kinds(shown(a_purchase(Status.REFUNDED))) == ["refund_failed"]


@pytest.mark.parametrize("status", [Status.RESERVED, Status.PENDING, Status.CLOSING])
def test_a_delayed_payment_takes_days(status: Status) -> None:
    assert shown(a_purchase(status, is_processing=True), timedelta(days=9)) == []


def test_a_purchase_that_is_refunding_with_nothing_to_wait_for_is_stuck() -> None:
    waits = a_purchase(Status.REFUNDING, refunds=(a_refund(state=RefundState.SENT),))
    stuck = a_purchase(Status.REFUNDING, refunds=(a_refund(state=RefundState.FAILED),))

    assert shown(waits, timedelta(days=9)) == []
    assert kinds(shown(stuck)) == ["stuck_phase"]


# --- Money that goes back ---------------------------------------------------------


def test_a_refund_that_is_due_for_too_long_is_stuck() -> None:
    purchase = a_purchase(Status.REFUNDING, refunds=(a_refund(),))
    moment = timedelta(microseconds=1)

    assert shown(purchase, TEN_MINUTES - moment) == []
    assert kinds(shown(purchase, TEN_MINUTES)) == ["stuck_refund"]
    assert shown(purchase, TEN_MINUTES + HOUR)[0].severity is Severity.CRITICAL


def test_while_a_bank_decides_a_refund_is_not_stuck() -> None:
    purchase = a_purchase(Status.REFUNDING, refunds=(a_refund(),), dispute=DISPUTE)

    assert kinds(shown(purchase)) == ["dispute_open"]


@pytest.mark.parametrize("state", [RefundState.FAILED, RefundState.REFUSED])
def test_a_refund_that_came_to_nothing_needs_a_human(state: RefundState) -> None:
    purchase = a_purchase(Status.COMPLETED, refunds=(a_refund(state=state),))

    assert kinds(shown(purchase)) == ["refund_failed"]
    assert is_troubled(purchase)


def test_a_failure_made_good_by_the_next_refund_is_none() -> None:
    failed = a_refund(state=RefundState.FAILED)
    done = a_refund("rf_2", amount=3_000, state=RefundState.DONE)
    purchase = a_purchase(Status.COMPLETED, refunds=(failed, done))

    assert shown(purchase) == []
    assert not is_troubled(purchase)


def test_money_owed_to_who_has_no_access_is_told_with_how_much() -> None:
    done = a_refund(amount=3_000, state=RefundState.DONE)
    failed = a_refund("rf_2", amount=5_000, state=RefundState.FAILED)
    owed = a_purchase(Status.REFUNDED, refunds=(done, failed))
    renewed = replace(owed, refunds=(*owed.refunds, a_refund("rf_3", amount=5_000)))
    lost = replace(DISPUTE, state=DisputeState.LOST)

    (finding,) = shown(owed)
    assert (finding.kind, finding.evidence["amount"]) == ("refund_failed", 5_000)
    assert shown(renewed, timedelta(0)) == []
    assert shown(replace(owed, dispute=lost)) == []


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (ExtraReason.LATE, "late_money"),
        (ExtraReason.SECOND, "double_paid"),
        (ExtraReason.FOREIGN_SESSION, "double_paid"),
        (ExtraReason.WRONG_AMOUNT, "amount_mismatch"),
    ],
)
def test_extra_money_is_named_by_its_reason_until_it_is_on_its_way(
    reason: ExtraReason, kind: str
) -> None:
    extra = an_extra_payment(reason=reason)
    due = a_purchase(Status.CLOSED, extra_payments=(extra,))
    sent = a_purchase(Status.CLOSED, extra_payments=(extra.sent("re_1"),))

    assert shown(due, timedelta(minutes=9)) == []
    assert kinds(shown(due)) == [kind]
    assert shown(sent) == []


def test_extra_money_that_was_given_up_needs_a_human() -> None:
    extra = an_extra_payment(state=ExtraPaymentState.FAILED)
    purchase = a_purchase(Status.CLOSED, extra_payments=(extra,))

    assert kinds(shown(purchase)) == ["refund_failed"]
    assert is_troubled(purchase)


@pytest.mark.parametrize("state", list(DisputeState))
def test_a_dispute_is_open_until_the_bank_has_decided(state: DisputeState) -> None:
    is_open = state in {
        DisputeState.WARNING_NEEDS_RESPONSE,
        DisputeState.WARNING_UNDER_REVIEW,
        DisputeState.NEEDS_RESPONSE,
        DisputeState.UNDER_REVIEW,
    }
    dispute = replace(DISPUTE, state=state)
    own = a_purchase(Status.COMPLETED, dispute=dispute)
    extra = an_extra_payment().disputed(dispute)
    extras = a_purchase(Status.CLOSED, extra_payments=(extra,))

    assert kinds(shown(own)) == (["dispute_open"] if is_open else [])
    assert ("dispute_open" in kinds(shown(extras))) is is_open
    assert (is_troubled(own), is_troubled(extras)) == (is_open, is_open)


# --- Mail, and what was paid ------------------------------------------------------


def test_a_mail_that_was_given_up_needs_a_human() -> None:
    dead = a_purchase(Status.COMPLETED, confirmation=CONFIRMATION.given_up())

    assert kinds(shown(dead)) == ["dead_mail"]
    assert is_restless(dead)
    for state in set(MailState) - {MailState.DEAD}:
        mail = replace(CONFIRMATION, state=state)
        assert shown(a_purchase(Status.COMPLETED, confirmation=mail)) == []


def test_a_recorded_payment_that_is_not_the_quote_is_unproven() -> None:
    purchase = a_purchase(Status.COMPLETED, paid=a_payment(amount=7_999))

    (finding,) = shown(purchase)
    assert finding.kind == "unproven_payment"
    assert finding.evidence["quoted"] == "80.00 USD"
    assert finding.evidence["found"] == "79.99 USD"


def test_whatever_shows_a_difference_is_restless() -> None:
    """What is at rest is not walked over, so it must have nothing to show."""
    extras = [an_extra_payment(state=state) for state in ExtraPaymentState]
    rows = [a_refund(state=state) for state in RefundState]
    variants: list[dict[str, Any]] = [
        {},
        *({"extra_payments": (extra,)} for extra in extras),
        *({"refunds": (row,)} for row in rows),
        *({"dispute": replace(DISPUTE, state=state)} for state in DisputeState),
        {"confirmation": CONFIRMATION.given_up()},
    ]
    for status in Status:
        for facts in variants:
            purchase = a_purchase(status, **facts)
            if shown(purchase, timedelta(days=9)):
                assert is_restless(purchase), (status, facts)
