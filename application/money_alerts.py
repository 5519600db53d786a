"""What the humans are told when money did not go where it should."""

from collections.abc import Iterator
from itertools import zip_longest

from application.ports.alerts import Alert
from domain.disputes import FINAL_DISPUTE, Dispute
from domain.ids import PurchaseId
from domain.purchase import Purchase, Status
from domain.refunding import RefundReport, rest_to_refund
from domain.refunds import ExtraPayment, ExtraPaymentState, Refund, RefundState


def alerts_about(before: Purchase, after: Purchase) -> Iterator[Alert]:
    """Say what has gone wrong between two states of one purchase's money."""
    for old, new in zip_longest(before.refunds, after.refunds):
        if old is None or old.state is not new.state:
            yield from _about_refund(old, new, after)
    for known, extra in zip_longest(before.extra_payments, after.extra_payments):
        if known is not None and known != extra:
            yield from alerts_about_extra(known, extra, after.id)
    if after.dispute is not None and before.dispute != after.dispute:
        yield _about_dispute(after.dispute, after.id)


def alerts_about_extra(
    old: ExtraPayment, new: ExtraPayment, purchase_id: PurchaseId | None
) -> Iterator[Alert]:
    """Say what has gone wrong between two states of money that must go back."""
    facts: dict[str, str | int | None] = {
        "purchase_id": purchase_id,
        "session_id": new.session_id,
        "amount": new.amount,
        "currency": new.currency,
        "tries": new.tries,
    }
    if new.state is ExtraPaymentState.FAILED is not old.state:
        yield Alert(
            code="extra_refund_given_up",
            message="Money that must go back would not go, however often we tried.",
            next_step="Give it back in Stripe's dashboard; no other way is heard of.",
            facts=facts,
        )
    elif new.tries > old.tries:
        yield Alert(
            code="extra_refund_failed",
            message="Money that must go back did not go; it is tried again.",
            next_step="Look in Stripe's dashboard if this comes again.",
            facts=facts,
        )
    if new.dispute is not None and new.dispute != old.dispute:
        yield _about_dispute(new.dispute, purchase_id)


def refund_without_room(purchase: Purchase, report: RefundReport) -> Alert:
    return Alert(
        code="refund_without_room",
        message="A refund was made outside, and the purchase has no room for its row.",
        next_step="Compare the purchase with its payment in Stripe's dashboard.",
        facts={"purchase_id": purchase.id, "refund": report.id},
    )


def _about_refund(
    old: Refund | None, new: Refund, purchase: Purchase
) -> Iterator[Alert]:
    facts = {
        "purchase_id": purchase.id,
        "row_id": new.id,
        "refund": new.stripe_id,
        "amount": new.amount.amount,
        "currency": new.amount.currency.code,
    }
    if new.state is RefundState.FAILED and old and old.state is RefundState.DONE:
        yield Alert(
            code="refund_failed_after_success",
            message="A refund came back after it had succeeded.",
            next_step="The buyer is owed; see that the new refund arrives, or pay.",
            facts=facts,
        )
    elif new.state is RefundState.FAILED:
        yield Alert(
            code="refund_failed",
            message="A refund failed; the buyer keeps access.",
            next_step="Ask the buyer for another way, and refund again.",
            facts=facts,
        )
    elif new.state is RefundState.REFUSED and _is_left(purchase):
        yield Alert(
            code="refund_refused",
            message="Stripe would not make a refund, and the money is still here.",
            next_step="See in Stripe's dashboard why, and refund again.",
            facts=facts,
        )


def _is_left(purchase: Purchase) -> bool:
    """Say whether money is neither given back, nor on its way, nor the bank's."""
    is_banks = purchase.status is Status.REFUNDED and purchase.forbids_refunds
    return rest_to_refund(purchase) > 0 and not is_banks


def _about_dispute(dispute: Dispute, purchase_id: PurchaseId | None) -> Alert:
    return Alert(
        code="payment_disputed",
        message="A bank took a payment into question, or has decided about it.",
        next_step=(
            "None: it is decided.  See in Stripe what was taken."
            if dispute.state in FINAL_DISPUTE
            else "Answer it in Stripe's dashboard; nothing is refunded meanwhile."
        ),
        facts={
            "purchase_id": purchase_id,
            "dispute": dispute.id,
            "state": dispute.state.value,
            "amount": dispute.amount.amount,
            "currency": dispute.amount.currency.code,
        },
    )
