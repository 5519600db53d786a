from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.checkout import CheckoutSession, PaymentStatus, SessionStatus
from domain.differences import (
    Patience,
    in_dispute,
    in_purchase,
    in_refund,
    in_session,
    is_restless,
    is_troubled,
)
from domain.disputes import DisputeState
from domain.findings import Finding, Severity
from domain.ids import SessionId
from domain.outbox import MailState
from domain.purchase import Purchase, Status
from domain.refunding import RefundStatus
from domain.refunds import ExtraPaymentState, ExtraReason, RefundState
from domain.settlement import LivemodeMismatch
from entrypoints.simulation.outside.clock import NOON
from tests.examples import (
    CONFIRMATION,
    HOLD,
    SESSION,
    a_dispute_report,
    a_paid_session,
    a_payment,
    a_purchase,
    a_refund,
    a_refund_report,
    a_session,
    an_extra_payment,
)

TEN_MINUTES = timedelta(minutes=10)
HOUR = timedelta(hours=1)
PENDING_BOUND = HOLD + TEN_MINUTES
DISPUTE = a_dispute_report().dispute


def patience_at(moment: datetime, *, there: datetime | None = None) -> Patience:
    return Patience(at=moment, provider_at=there or moment)


def kinds(found: list[Finding]) -> list[str]:
    return [each.kind.value for each in found]


def shown(purchase: Purchase, after: timedelta = HOUR) -> list[Finding]:
    return list(in_purchase(purchase, patience_at(NOON + after)))


def listed(
    session: CheckoutSession,
    purchase: Purchase | None,
    after: timedelta = TEN_MINUTES,
) -> list[Finding]:
    patience = patience_at(NOON + after)
    return list(in_session(session, purchase, patience, livemode=False))


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


# --- Sessions that the provider lists ----------------------------------------------


def test_a_paid_session_of_an_unknown_purchase_is_an_orphan_at_once() -> None:
    found = listed(a_paid_session(), None, timedelta(0))

    assert kinds(found) == ["orphan_payment"]
    assert found[0].evidence["amount"] == 8_000


def test_an_open_session_of_an_unknown_purchase_is_a_stray() -> None:
    expired = a_session(status=SessionStatus.EXPIRED)

    assert kinds(listed(a_session(), None)) == ["stray_session"]
    assert listed(expired, None) == []


@pytest.mark.parametrize("status", list(Status))
def test_an_open_session_is_wrong_once_its_purchase_has_ended(status: Status) -> None:
    purchase = a_purchase(status, paid=None)
    expected = ["orphan_session"] if purchase.is_terminal else []

    assert kinds(listed(a_session(), purchase)) == expected
    assert listed(a_session(), purchase, timedelta(minutes=9)) == []


@pytest.mark.parametrize("status", [Status.RESERVED, Status.PENDING, Status.CLOSING])
def test_a_payment_is_unknown_to_a_purchase_that_awaits_it(status: Status) -> None:
    purchase = a_purchase(status)
    found = listed(a_paid_session(), purchase)

    assert kinds(found) == ["paid_unknown"]
    assert listed(a_paid_session(), purchase, timedelta(minutes=9)) == []
    overdue = listed(a_paid_session(), purchase, TEN_MINUTES + HOUR)
    assert overdue == [found[0].overdue()]


def test_a_payment_that_is_recorded_is_no_difference() -> None:
    recorded = an_extra_payment(SESSION)

    assert listed(a_paid_session(), a_purchase(Status.COMPLETED)) == []
    assert (
        listed(a_paid_session(), a_purchase(Status.CLOSED, extra_payments=(recorded,)))
        == []
    )


def test_extra_money_that_is_not_recorded_is_named_by_its_reason() -> None:
    other = a_paid_session(id=SessionId("cs_2"))
    wrong = a_paid_session(amount_total=1)

    assert kinds(listed(a_paid_session(), a_purchase(Status.CLOSED))) == ["late_money"]
    assert kinds(listed(other, a_purchase(Status.COMPLETED))) == ["double_paid"]
    assert kinds(listed(other, a_purchase(Status.PENDING))) == ["double_paid"]
    assert kinds(listed(wrong, a_purchase(Status.PENDING))) == ["amount_mismatch"]


@pytest.mark.parametrize(
    "changes",
    [
        {"payment_status": PaymentStatus.UNPAID},
        {"amount_total": 1},
        {"currency": "eur"},
    ],
)
def test_a_completed_purchase_that_the_provider_does_not_confirm_is_unproven(
    changes: dict[str, Any],
) -> None:
    found = listed(a_paid_session(**changes), a_purchase(Status.COMPLETED))

    assert kinds(found) == ["unproven_payment"]


def test_of_the_other_mode_nothing_is_concluded() -> None:
    with pytest.raises(LivemodeMismatch):
        listed(a_paid_session(livemode=True), a_purchase(Status.PENDING))


# --- Refunds and disputes that the provider lists ----------------------------------


def test_all_given_back_while_access_was_kept_is_named_so() -> None:
    (found,) = in_refund(a_refund_report(), a_purchase(Status.COMPLETED))

    assert found.kind == "refunded_but_active"


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (RefundStatus.SUCCEEDED, {"amount": 1_000}),
        (RefundStatus.PENDING, {}),
        (RefundStatus.FAILED, {}),
    ],
)
def test_a_refund_that_no_row_shows_is_unknown(
    status: RefundStatus, changes: dict[str, Any]
) -> None:
    report = a_refund_report(status=status, **changes)
    (found,) = in_refund(report, a_purchase(Status.COMPLETED))

    assert found.kind == "unknown_refund"
    assert found.evidence["state"] == status


def test_a_refund_whose_row_is_as_listed_is_no_difference() -> None:
    row = a_refund(state=RefundState.DONE, stripe_id="re_1")
    purchase = a_purchase(Status.REFUNDED, refunds=(row,))

    assert list(in_refund(a_refund_report(), purchase)) == []
    failed = a_refund_report(status=RefundStatus.FAILED)
    assert kinds(list(in_refund(failed, purchase))) == ["unknown_refund"]


def test_a_dispute_is_unknown_until_it_is_shown_as_it_is() -> None:
    completed = a_purchase(Status.COMPLETED)
    shows = replace(completed, dispute=DISPUTE)
    won = a_dispute_report(DisputeState.WON)

    assert kinds(list(in_dispute(a_dispute_report(), completed))) == ["unknown_dispute"]
    assert list(in_dispute(a_dispute_report(), shows)) == []
    assert kinds(list(in_dispute(won, shows))) == ["unknown_dispute"]
