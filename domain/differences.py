"""What a purchase, and what the provider lists, show to be wrong.

Pure comparisons, the same for a plan, for the look before a repair, and for the job
that tells the humans.  What is young is not wrong yet: somebody is still at it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from domain.checkout import CheckoutSession, SessionStatus
from domain.disputes import FINAL_DISPUTE, Dispute, DisputeReport
from domain.extra_money import learn_dispute, learn_reports
from domain.findings import Fact, Finding, FindingKind
from domain.orphans import Orphan
from domain.outbox import MailState, Notice
from domain.purchase import Purchase, Status
from domain.refunding import RefundReport, owes_after_refund, rest_to_refund
from domain.refunds import (
    OPEN_STATES,
    ExtraPayment,
    ExtraPaymentState,
    ExtraReason,
    RefundState,
)
from domain.settlement import AlreadySettled, Completes, IsExtra, Waits, settle

PATIENCE: Final = timedelta(minutes=10)  # T of invariant I13
OVERDUE: Final = timedelta(hours=1)  # beyond it, nobody is at it any more

KIND_OF: Final = {
    ExtraReason.LATE: FindingKind.LATE_MONEY,
    ExtraReason.SECOND: FindingKind.DOUBLE_PAID,
    ExtraReason.FOREIGN_SESSION: FindingKind.DOUBLE_PAID,
    ExtraReason.WRONG_AMOUNT: FindingKind.AMOUNT_MISMATCH,
    ExtraReason.ORPHAN: FindingKind.ORPHAN_PAYMENT,
}
WORKED_ON: Final = frozenset({Status.CREATING, Status.RESERVED, Status.CLOSING})
BETWEEN: Final = WORKED_ON | {Status.PENDING, Status.REFUNDING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long something may take before it is a difference.

    Our rows are dated by our clock, and it is `at` there; what the provider has is
    dated by its own, and it is `provider_at` there.  They may be days apart.
    """

    at: datetime
    provider_at: datetime
    bound: timedelta = PATIENCE

    @property
    def there(self) -> Self:
        """Return the same patience, by the provider's clock."""
        return replace(self, at=self.provider_at)

    def is_over(self, since: datetime) -> bool:
        return since + self.bound <= self.at

    def is_overdue(self, since: datetime) -> bool:
        return since + self.bound + OVERDUE <= self.at


def is_restless(purchase: Purchase) -> bool:
    """Say whether it may show a difference by itself; all others are at rest."""
    return (
        purchase.status in BETWEEN
        or purchase.has_open_money
        or is_troubled(purchase)
        or any(mail.state is MailState.DEAD for mail in purchase.mails)
    )


def is_troubled(purchase: Purchase) -> bool:
    """Say whether its money waits for a human, or for a bank that may decide."""
    extras = purchase.extra_payments
    disputes = [purchase.dispute, *(extra.dispute for extra in extras)]
    return (
        purchase.last_refund_failed
        or owes_after_refund(purchase)
        or any(extra.state is ExtraPaymentState.FAILED for extra in extras)
        or any(each and each.state not in FINAL_DISPUTE for each in disputes)
    )


def in_purchase(purchase: Purchase, patience: Patience) -> Iterator[Finding]:
    """Find what a purchase shows by itself."""
    yield from _in_phase(purchase, patience)
    yield from _in_refunds(purchase, patience)
    whose: Mapping[str, Fact] = {"purchase_id": purchase.id}
    for extra in purchase.extra_payments:
        yield from _in_extra(extra, whose, patience, since=purchase.updated_at)
    if purchase.dispute is not None:
        yield from _in_dispute(purchase.dispute, whose)
    for mail in purchase.mails:
        if mail.state is MailState.DEAD:
            yield Finding.of(
                FindingKind.DEAD_MAIL,
                mail.message_id,
                purchase_id=purchase.id,
                mail=mail.kind.value if isinstance(mail, Notice) else "confirmation",
            )
    paid = purchase.paid
    if paid is not None and paid.amount != purchase.quote.total:
        yield _unproven(purchase, paid.session_id, str(paid.amount))


def in_orphan(orphan: Orphan, patience: Patience) -> Iterator[Finding]:
    """Find money of nobody's that does not go back by itself."""
    if orphan.is_open:
        whose = {"purchase_id": orphan.session.purchase_id, "payment": orphan.id}
        yield from _in_extra(orphan.money, whose, patience, since=orphan.due_at)


def in_session(
    session: CheckoutSession,
    purchase: Purchase | None,
    patience: Patience,
    *,
    livemode: bool,
) -> Iterator[Finding]:
    """Find what a listed session of ours shows beside its purchase.

    Raises:
        LivemodeMismatch: it is of the other mode.
    """
    if purchase is None:
        yield from _without_purchase(session, patience)
    elif patience.is_over(purchase.updated_at):
        is_overdue = patience.is_overdue(purchase.updated_at)
        if session.status is SessionStatus.OPEN and purchase.is_terminal:
            left_open = _of_session(FindingKind.ORPHAN_SESSION, session, purchase)
            yield left_open.overdue(is_overdue=is_overdue)
        for wrong in _in_verdict(session, purchase, livemode=livemode):
            yield wrong.overdue(is_overdue=is_overdue)


def in_refund(
    report: RefundReport, purchase: Purchase, patience: Patience
) -> Iterator[Finding]:
    """Find a listed refund that the purchase's rows do not show as it is."""
    after = learn_reports(purchase, [report], new_row_id="")
    if after == purchase:
        return
    ends = after.status is Status.REFUNDED and purchase.is_owned
    yield Finding.of(
        FindingKind.REFUNDED_BUT_ACTIVE if ends else FindingKind.UNKNOWN_REFUND,
        report.id,
        purchase_id=purchase.id,
        payment_intent=report.payment_intent,
        amount=report.amount,
        currency=report.currency,
        state=report.status.value,
    ).overdue(is_overdue=patience.there.is_overdue(report.created_at))


def in_dispute(
    report: DisputeReport, purchase: Purchase, patience: Patience
) -> Iterator[Finding]:
    """Find a listed dispute that the purchase does not show as it is."""
    dispute = report.dispute
    if learn_dispute(purchase, report) != purchase:
        yield Finding.of(
            FindingKind.UNKNOWN_DISPUTE,
            dispute.id,
            purchase_id=purchase.id,
            payment_intent=report.payment_intent,
            amount=dispute.amount.amount,
            currency=dispute.amount.currency.code,
            state=dispute.state.value,
        ).overdue(is_overdue=patience.there.is_overdue(dispute.opened_at))


def _in_verdict(
    session: CheckoutSession, purchase: Purchase, *, livemode: bool
) -> Iterator[Finding]:
    """Compare what the session means with what the purchase made of it."""
    match settle(purchase, session, livemode=livemode):
        case Completes():
            yield _of_session(FindingKind.PAID_UNKNOWN, session, purchase)
        case IsExtra(payment=extra) if not _knows_extra(purchase, session):
            yield _of_session(KIND_OF[extra.reason], session, purchase)
        case AlreadySettled() if not _is_as_quoted(session, purchase):
            yield _unproven(purchase, session.id, _amount(session))
        case Waits() if _completed_unpaid(session, purchase):
            yield _unproven(purchase, session.id, session.payment_status.value)


def _in_phase(purchase: Purchase, patience: Patience) -> Iterator[Finding]:
    if _may_last(purchase) or not patience.is_over(purchase.updated_at):
        return
    is_overdue = patience.is_overdue(purchase.updated_at)
    if purchase.status is Status.PENDING and purchase.session is not None:
        until = purchase.session.expires_at
        if not patience.there.is_over(until):
            return
        is_overdue = is_overdue and patience.there.is_overdue(until)
    yield Finding.of(
        FindingKind.STUCK_PHASE,
        purchase.id,
        purchase_id=purchase.id,
        status=purchase.status.value,
    ).overdue(is_overdue=is_overdue)


def _may_last(purchase: Purchase) -> bool:
    """Say whether nobody need be at it: a delayed payment or a bank takes days."""
    if purchase.status is Status.REFUNDING:
        return any(row.state in OPEN_STATES for row in purchase.refunds)
    return purchase.is_processing or purchase.status not in BETWEEN


def _in_refunds(purchase: Purchase, patience: Patience) -> Iterator[Finding]:
    since = purchase.updated_at
    for row in purchase.refunds:
        is_due = row.state is RefundState.DUE and not purchase.forbids_refunds
        if is_due and patience.is_over(since):
            yield Finding.of(
                FindingKind.STUCK_REFUND,
                row.id,
                purchase_id=purchase.id,
                amount=row.amount.amount,
                currency=row.amount.currency.code,
            ).overdue(is_overdue=patience.is_overdue(since))
    if purchase.last_refund_failed or owes_after_refund(purchase):
        last = purchase.refunds[-1] if purchase.refunds else None
        yield Finding.of(
            FindingKind.REFUND_FAILED,
            last.id if last else purchase.id,
            purchase_id=purchase.id,
            state=last.state.value if last else None,
            amount=rest_to_refund(purchase),
            currency=purchase.quote.total.currency.code,
        )


def _in_extra(
    extra: ExtraPayment,
    whose: Mapping[str, Fact],
    patience: Patience,
    *,
    since: datetime,
) -> Iterator[Finding]:
    facts: Mapping[str, Fact] = {
        **whose,
        "payment_intent": extra.payment_intent,
        "amount": extra.amount,
        "currency": extra.currency,
    }
    if extra.state is ExtraPaymentState.DUE and patience.is_over(since):
        yield Finding.of(
            KIND_OF[extra.reason], extra.session_id, **facts, recorded="yes"
        ).overdue(is_overdue=patience.is_overdue(since))
    if extra.state is ExtraPaymentState.FAILED:
        yield Finding.of(FindingKind.REFUND_FAILED, extra.session_id, **facts)
    if extra.dispute is not None and extra.state is not ExtraPaymentState.DONE:
        yield from _in_dispute(extra.dispute, whose)


def _in_dispute(dispute: Dispute, whose: Mapping[str, Fact]) -> Iterator[Finding]:
    if dispute.state not in FINAL_DISPUTE:
        yield Finding.of(
            FindingKind.DISPUTE_OPEN,
            dispute.id,
            **whose,
            state=dispute.state.value,
            amount=dispute.amount.amount,
            currency=dispute.amount.currency.code,
        )


def _without_purchase(
    session: CheckoutSession, patience: Patience
) -> Iterator[Finding]:
    if session.is_paid:
        orphan = _of_session(FindingKind.ORPHAN_PAYMENT, session, None)
        is_overdue = patience.there.is_overdue(session.created_at)
        yield orphan.overdue(is_overdue=is_overdue)
    elif session.status is SessionStatus.OPEN:
        yield _of_session(FindingKind.STRAY_SESSION, session, None)


def _of_session(
    kind: FindingKind, session: CheckoutSession, purchase: Purchase | None
) -> Finding:
    return Finding.of(
        kind,
        session.id,
        purchase_id=session.purchase_id if purchase is None else purchase.id,
        status=None if purchase is None else purchase.status.value,
        payment_intent=session.payment_intent,
        amount=session.amount_total,
        currency=session.currency,
    )


def _unproven(purchase: Purchase, session_id: str, found: str) -> Finding:
    return Finding.of(
        FindingKind.UNPROVEN_PAYMENT,
        session_id,
        purchase_id=purchase.id,
        quoted=str(purchase.quote.total),
        found=found,
    )


def _knows_extra(purchase: Purchase, session: CheckoutSession) -> bool:
    return any(row.session_id == session.id for row in purchase.extra_payments)


def _is_as_quoted(session: CheckoutSession, purchase: Purchase) -> bool:
    total = purchase.quote.total
    return (session.amount_total, session.currency) == (
        total.amount,
        total.currency.code,
    )


def _completed_unpaid(session: CheckoutSession, purchase: Purchase) -> bool:
    paid = purchase.paid
    return not session.is_paid and paid is not None and paid.session_id == session.id


def _amount(session: CheckoutSession) -> str:
    return f"{session.amount_total} {session.currency}"
