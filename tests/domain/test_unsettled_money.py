from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.disputes import Dispute, DisputeState
from domain.orphans import Orphan, OrphanReason
from domain.purchase import Purchase, Status
from domain.refunds import ExtraPaymentState, RefundState
from domain.unsettled_money import (
    OURS,
    PROVIDERS_TIME,
    THEIRS,
    Promise,
    Unsettled,
    unsettled,
    unsettled_orphan,
    with_age,
)
from entrypoints.simulation.outside.clock import NOON
from tests.examples import a_paid_session, a_purchase, a_refund, an_extra_payment, usd

HOUR = timedelta(hours=1)
LATER = NOON + HOUR


def refunding(state: RefundState, **changes: Any) -> Purchase:
    return a_purchase(Status.COMPLETED, refunds=(a_refund(state=state),), **changes)


def paid_extra(state: ExtraPaymentState, dispute: Dispute | None = None) -> Purchase:
    extra = an_extra_payment(state=state, dispute=dispute)
    return a_purchase(Status.CLOSED, extra_payments=(extra,))


def disputed(state: DisputeState) -> Dispute:
    return Dispute(id="dp_1", state=state, amount=usd(8_000), opened_at=NOON)


OPEN, LOST = disputed(DisputeState.NEEDS_RESPONSE), disputed(DisputeState.LOST)


@pytest.mark.parametrize(
    ("purchase", "kinds"),
    [
        (a_purchase(Status.COMPLETED), []),
        (refunding(RefundState.DUE), ["refund_due"]),
        (refunding(RefundState.SENT), ["refund_sent"]),
        (refunding(RefundState.DONE), []),
        (refunding(RefundState.FAILED), []),  # the buyer keeps access: an outcome
        (refunding(RefundState.DUE, dispute=OPEN), ["disputed"]),
        (paid_extra(ExtraPaymentState.DUE), ["extra_due"]),
        (paid_extra(ExtraPaymentState.SENT), ["extra_sent"]),
        (paid_extra(ExtraPaymentState.FAILED), ["extra_given_up"]),
        (paid_extra(ExtraPaymentState.DONE), []),
        (paid_extra(ExtraPaymentState.DISPUTED, OPEN), ["disputed"]),
        (paid_extra(ExtraPaymentState.DISPUTED, LOST), []),  # the bank took it
        (
            a_purchase(Status.REFUNDED, refunds=(a_refund(state=RefundState.FAILED),)),
            ["refund_owed"],
        ),
    ],
)
def test_what_money_waits_for(purchase: Purchase, kinds: list[str]) -> None:
    assert [kind.value for kind in unsettled(purchase)] == kinds


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (ExtraPaymentState.DUE, "orphan_due"),
        (ExtraPaymentState.SENT, "orphan_sent"),
        (ExtraPaymentState.FAILED, "orphan_given_up"),
        (ExtraPaymentState.DONE, None),
    ],
)
def test_what_nobodys_money_waits_for(
    state: ExtraPaymentState, kind: str | None
) -> None:
    orphan = Orphan.found(
        a_paid_session(), reason=OrphanReason.NO_ROOM, event_id=None, at=NOON
    )
    moved = replace(orphan, money=replace(orphan.money, state=state))

    assert unsettled_orphan(moved) == kind
    assert unsettled_orphan(moved.matched()) is None  # its purchase tells


def test_each_kind_is_ours_or_theirs_or_the_banks() -> None:
    assert OURS | THEIRS | {Unsettled.DISPUTED} == set(Unsettled)
    assert not OURS & THEIRS


def test_we_promise_an_hour_and_the_provider_has_ten_days() -> None:
    promise = Promise(ours=HOUR)

    assert promise.ends(Unsettled.EXTRA_DUE, since=NOON) == LATER
    assert promise.ends(Unsettled.REFUND_SENT, since=NOON) == NOON + PROVIDERS_TIME
    assert promise.ends(Unsettled.DISPUTED, since=NOON) is None


def test_money_grows_old_until_it_has_an_outcome() -> None:
    due = with_age(refunding(RefundState.DUE), at=NOON)
    assert due.unsettled_since == NOON
    assert with_age(due, at=LATER).unsettled_since == NOON

    done = refunding(RefundState.DONE, unsettled_since=NOON)
    assert with_age(done, at=LATER).unsettled_since is None
