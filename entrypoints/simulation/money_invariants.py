"""What must hold of money that goes back, after every effect and in the end."""

from collections.abc import Iterable, Iterator

from domain.day_ledger import DayTally
from domain.disputes import DisputeReport, DisputeState
from domain.extra_money import is_extra, learn_dispute, learn_reports
from domain.purchase import OWNED, Purchase, Status
from domain.refunding import RefundReport, RefundStatus, rest_to_refund
from domain.refunds import (
    OPEN_STATES,
    REFUNDS_MAX,
    ExtraPayment,
    ExtraPaymentState,
    RefundState,
)
from entrypoints.simulation.before import Before, Complaint
from entrypoints.simulation.outside.clock import NOON
from entrypoints.simulation.world import World

# --- Always ---------------------------------------------------------------------


def refunds_were_meant(world: World, before: Before) -> Complaint:
    """I6: each that bears our mark is one of our rows, and was made once."""
    for refund in world.refunds.refunds.values():
        if refund.row_id is None:
            continue
        row = world.store.rows.get(refund.purchase_id) if refund.purchase_id else None
        meant = _orphan_rows(world) | (set() if row is None else _refund_rows(row))
        if refund.row_id not in meant:
            return f"{refund.id} was never written down"
        if world.refunds.created[refund.row_id] > 1:
            return f"{refund.row_id} was refunded twice"
    return None


def no_more_goes_back_than_came(world: World, before: Before) -> Complaint:
    """I6: of each payment, whoever gives it back."""
    for session in world.payments.sessions.values():
        intent = session.payment_intent
        if intent and world.refunds.given_back(intent) > session.amount_total:
            return f"more than {session.id} paid went back"
    return None


def no_more_is_owed_than_came(world: World, before: Before) -> Complaint:
    """I6: what we mean to give back, and have not, is never more than was paid."""
    for row in before.changed:
        due = (r.amount.amount for r in row.refunds if r.state is RefundState.DUE)
        if row.paid and sum(due) > row.paid.amount.amount:
            return f"{row.id} owes more than was paid"
    return None


def what_ended_was_given_back(world: World, before: Before) -> Complaint:
    """I12: a refunded purchase has its money back or on its way, or a bank has it.

    What Stripe refused is on no way, and a human was told.
    """
    for row in before.changed:
        if row.status is not Status.REFUNDED or row.is_free or row.forbids_refunds:
            continue
        is_refused = any(r.state is RefundState.REFUSED for r in row.refunds)
        has_room = len(row.refunds) < REFUNDS_MAX
        if rest_to_refund(row) > 0 and has_room and not is_refused:
            return f"{row.id} is refunded, and {rest_to_refund(row)} is nowhere"
    return None


def what_is_owned_was_not_given_back(world: World, before: Before) -> Complaint:
    """I7: row and status move in one write: all given back is the end."""
    for row in before.changed:
        if row.status not in OWNED or row.paid is None:
            continue
        if done_of(row) >= row.paid.amount.amount or is_lost(row):
            return f"{row.id} is {row.status} and has all its money back"
        if row.status is Status.REFUNDING and rest_to_refund(row) > 0:
            return f"{row.id} is refunding, and {rest_to_refund(row)} is not under way"
    return None


def has_nothing_left_to_say(world: World, report: RefundReport | DisputeReport) -> bool:
    """I8: say whether a word of the provider would change nothing any more."""
    row = row_of(world, report.payment_intent)
    if row is None:
        return False
    if isinstance(report, RefundReport):
        return learn_reports(row, [report], new_row_id="anew") == row
    return learn_dispute(row, report) == row


# --- In the end -----------------------------------------------------------------


def money_owed(world: World) -> Iterator[str]:
    """Yield what has yet to go back, or to be known."""
    for row in world.store.rows.values():
        for refund in row.refunds:
            if refund.state in OPEN_STATES:
                yield f"I6: {row.id} still owes {refund.id}"
        for extra in row.extra_payments:
            yield from _extra_owed(world, row, extra)
        if row.paid and row.paid.payment_intent:
            yield from _not_known(world, row, row.paid.payment_intent)
            yield from _not_ended(world, row, row.paid.payment_intent)


def _extra_owed(world: World, row: Purchase, extra: ExtraPayment) -> Iterator[str]:
    is_banks = extra.dispute is not None and extra.dispute.state is DisputeState.LOST
    if extra.state is ExtraPaymentState.DISPUTED and is_banks:
        return
    if extra.state is not ExtraPaymentState.DONE:
        yield f"I4: {row.id} has not given back {extra.session_id}"
    elif extra.payment_intent and not is_banks:
        back = arrived(world, extra.payment_intent)
        if back != extra.amount:
            yield f"I4: {back} of {extra.session_id} came back"


def _not_known(world: World, row: Purchase, intent: str) -> Iterator[str]:
    """I21: our rows and the provider's say the same."""
    if done_of(row) != arrived(world, intent) and len(row.refunds) < REFUNDS_MAX:
        yield f"I21: {row.id} says {done_of(row)}, {arrived(world, intent)} came back"
    for report in world.refunds.disputes.values():
        if report.payment_intent == intent and row.dispute != report.dispute:
            yield f"I12: {row.id} does not know {report.dispute}"


def _not_ended(world: World, row: Purchase, intent: str) -> Iterator[str]:
    """I12: completed xor refunded, by where the money is."""
    is_back = arrived(world, intent) >= (row.paid.amount.amount if row.paid else 0)
    is_refused = any(r.state is RefundState.REFUSED for r in row.refunds)
    if row.status is Status.COMPLETED and (is_back or is_lost(row)):
        yield f"I12: {row.id} is completed and its money is back"
    if row.status is Status.REFUNDED and not is_back:
        is_excused = is_refused or len(row.refunds) >= REFUNDS_MAX
        if not row.forbids_refunds and not is_excused:
            yield f"I12: {row.id} is refunded and its money is here"


# --- Of one purchase ------------------------------------------------------------


def arrived(world: World, intent: str) -> int:
    """Return how much of a payment has come back to its buyer by refunds."""
    return sum(
        refund.amount
        for refund in world.refunds.listed(intent)
        if refund.status is RefundStatus.SUCCEEDED
    )


def done_of(row: Purchase) -> int:
    rows = (r for r in row.refunds if r.state is RefundState.DONE)
    return sum(r.amount.amount for r in rows)


def is_lost(row: Purchase) -> bool:
    """Say whether a bank took all of it."""
    if row.dispute is None or row.paid is None:
        return False
    is_all = row.dispute.amount.amount >= row.paid.amount.amount
    return row.dispute.state is DisputeState.LOST and is_all


def row_of(world: World, intent: str) -> Purchase | None:
    for row in world.store.rows.values():
        is_own = row.paid is not None and row.paid.payment_intent == intent
        if is_own or is_extra(row, intent):
            return row
    return None


def _refund_rows(row: Purchase) -> set[str]:
    """Name each refund that we mean to make or meant to: tries of extra ones too."""
    return {refund.id for refund in row.refunds} | _tries(row.extra_payments)


def _orphan_rows(world: World) -> set[str]:
    """Name each try of giving back what no purchase names."""
    return _tries(orphan.money for orphan in world.orphans.stored.values())


def _tries(extras: Iterable[ExtraPayment]) -> set[str]:
    return {
        f"{each.session_id}:{number}"
        for each in extras
        for number in range(each.tries + 1)
    }


def books_that_differ(world: World) -> Iterator[str]:
    """Compare the provider's books of the whole story with our rows (I21)."""
    records = world.payment_records.all()
    moved = world.ledger.booked()
    tally = DayTally(NOON.date())
    for movement in moved:
        tally.book(movement, records.get(movement.payment_intent))
    for record in records.values():
        tally.miss(record, moved={movement.trace for movement in moved})
    for item in tally.result().items:
        yield f"I21: {item.mismatch}: {item.kind} of {item.payment_intent}"
