"""What the provider lists, beside what our purchases and orphans show."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.checkout import CheckoutSession, PaymentStatus, SessionStatus
from domain.differences import (
    Patience,
    in_dispute,
    in_orphan,
    in_refund,
    in_session,
)
from domain.disputes import DisputeState
from domain.findings import Finding, Severity
from domain.ids import SessionId
from domain.orphans import GRACE, Orphan, OrphanReason
from domain.purchase import Purchase, Status
from domain.refunding import RefundStatus
from domain.refunds import ExtraPaymentState, RefundState
from domain.settlement import LivemodeMismatch
from entrypoints.simulation.outside.clock import NOON
from tests.examples import (
    SESSION,
    a_dispute_report,
    a_paid_session,
    a_purchase,
    a_refund,
    a_refund_report,
    a_session,
    an_extra_payment,
)

TEN_MINUTES = timedelta(minutes=10)
HOUR = timedelta(hours=1)
DISPUTE = a_dispute_report().dispute
GIVEN_UP = ExtraPaymentState.FAILED
SOON = Patience(at=NOON, provider_at=NOON)
MUCH_LATER = Patience(at=NOON, provider_at=NOON + timedelta(days=1))


def patience_at(moment: datetime) -> Patience:
    return Patience(at=moment, provider_at=moment)


def kinds(found: list[Finding]) -> list[str]:
    return [each.kind.value for each in found]


def listed(
    session: CheckoutSession,
    purchase: Purchase | None,
    after: timedelta = TEN_MINUTES,
) -> list[Finding]:
    patience = patience_at(NOON + after)
    return list(in_session(session, purchase, patience, livemode=False))


# --- Sessions that the provider lists ----------------------------------------------


def test_a_paid_session_of_an_unknown_purchase_is_an_orphan_at_once() -> None:
    found = listed(a_paid_session(), None, timedelta(0))

    assert kinds(found) == ["orphan_payment"]
    assert found[0].evidence["amount"] == 8_000


def test_an_orphan_that_nobody_records_becomes_critical() -> None:
    (orphan,) = listed(a_paid_session(), None, timedelta(0))

    assert listed(a_paid_session(), None, TEN_MINUTES + HOUR) == [orphan.overdue()]


def test_an_orphan_is_a_difference_once_it_should_have_gone_back() -> None:
    orphan = Orphan.found(
        a_paid_session(), reason=OrphanReason.NO_ROOM, event_id=None, at=NOON
    )

    def shown_by(row: Orphan, after: timedelta) -> list[Finding]:
        return list(in_orphan(row, patience_at(NOON + GRACE + after)))

    assert shown_by(orphan, timedelta(minutes=9)) == []
    (found,) = shown_by(orphan, TEN_MINUTES)
    assert (found.kind, found.evidence["recorded"]) == ("orphan_payment", "yes")
    assert shown_by(orphan, TEN_MINUTES + HOUR) == [found.overdue()]
    assert shown_by(orphan.matched(), HOUR) == []
    sent = replace(orphan, money=orphan.money.sent("re_1"))
    assert shown_by(sent, HOUR) == []
    failed = replace(orphan, money=replace(orphan.money, state=GIVEN_UP))
    assert kinds(shown_by(failed, timedelta(0))) == ["refund_failed"]
    disputed = replace(orphan, money=orphan.money.disputed(DISPUTE))
    assert kinds(shown_by(disputed, HOUR)) == ["dispute_open"]


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
    (found,) = in_refund(a_refund_report(), a_purchase(Status.COMPLETED), SOON)

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
    (found,) = in_refund(report, a_purchase(Status.COMPLETED), SOON)

    assert found.kind == "unknown_refund"
    assert found.evidence["state"] == status


def test_a_refund_whose_row_is_as_listed_is_no_difference() -> None:
    row = a_refund(state=RefundState.DONE, stripe_id="re_1")
    purchase = a_purchase(Status.REFUNDED, refunds=(row,))

    assert list(in_refund(a_refund_report(), purchase, SOON)) == []
    failed = a_refund_report(status=RefundStatus.FAILED)
    assert kinds(list(in_refund(failed, purchase, SOON))) == ["unknown_refund"]


def test_a_dispute_is_unknown_until_it_is_shown_as_it_is() -> None:
    completed = a_purchase(Status.COMPLETED)
    shows = replace(completed, dispute=DISPUTE)
    won = a_dispute_report(DisputeState.WON)

    assert kinds(list(in_dispute(a_dispute_report(), completed, SOON))) == [
        "unknown_dispute"
    ]
    assert list(in_dispute(a_dispute_report(), shows, SOON)) == []
    assert kinds(list(in_dispute(won, shows, SOON))) == ["unknown_dispute"]


def test_what_the_jobs_should_long_have_learnt_is_critical() -> None:
    completed = a_purchase(Status.COMPLETED)
    refund, dispute = a_refund_report(), a_dispute_report()

    for patience, severity in (
        (SOON, Severity.WARNING),
        (MUCH_LATER, Severity.CRITICAL),
    ):
        (unlearnt,) = in_refund(refund, completed, patience)
        (unknown,) = in_dispute(dispute, completed, patience)
        assert (unlearnt.severity, unknown.severity) == (severity, severity)
