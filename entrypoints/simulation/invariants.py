"""What must hold after every single effect, whatever has gone wrong so far.

The numbers are those of the protocol; each check compares the world with how it was
after the last effect, and says what is wrong or nothing.
"""

from collections.abc import Iterator
from typing import Final

from domain.checkout import CheckoutSession
from domain.class_rep import effective_limit
from domain.outbox import MailState
from domain.purchase import LIVE, NEXT, OWNED, TERMINAL, Purchase, Status
from entrypoints.simulation.before import Before, Check, Complaint
from entrypoints.simulation.money_invariants import (
    books_that_differ,
    money_owed,
    no_more_goes_back_than_came,
    no_more_is_owed_than_came,
    refunds_were_meant,
    what_ended_was_given_back,
    what_is_owned_was_not_given_back,
)
from entrypoints.simulation.world import World


def spots_stay_within_the_limit(world: World, before: Before) -> Complaint:
    """I1: nobody is added beyond the limit; a lowered limit evicts nobody."""
    limit = world.programs.stored[world.plot.program.id].terms.class_rep_limit
    if world.held - before.held and len(world.held) > effective_limit(limit):
        return f"{len(world.held)} spots of {limit}"
    return None


def one_live_purchase_each(world: World, before: Before) -> Complaint:
    """I2, and with it I4: one buyer never keeps two payments for one program."""
    buyers = [row.buyer.id for row in world.store.rows.values() if row.status in LIVE]
    return None if len(set(buyers)) == len(buyers) else f"of {sorted(buyers)}"


def what_is_owned_was_paid_as_quoted(world: World, before: Before) -> Complaint:
    """I3: the provider has the quoted amount; or nothing was ever asked of it."""
    for row in before.changed:
        if row.is_free and world.payments.created[row.id]:
            return f"{row.id} is free and has a session"
        if row.status in OWNED and not row.is_free and not _is_paid(world, row):
            return f"{row.id} is {row.status} and not paid"
    return None


def class_reps_hold_their_spot(world: World, before: Before) -> Complaint:
    """I5: from reserved on, and for as long as the purchase lives."""
    for row in world.store.rows.values():
        if row.holds_a_spot and row.id not in world.held:
            return f"{row.id} is {row.status} without a spot"
    return None


def statuses_move_on(world: World, before: Before) -> Complaint:
    """I7: along the table of the domain, and never out of a terminal one."""
    for row in before.changed:
        old = before.rows.get(row.id, row)
        if row.status != old.status and row.status not in NEXT[old.status]:
            return f"{row.id} went from {old.status} to {row.status}"
    return None


def facts_only_grow(world: World, before: Before) -> Complaint:
    """I7: what is known stays known."""
    for row in before.changed:
        old = before.rows.get(row.id, row)
        if _is_completed_anew(old, row):
            return f"{row.id} was completed a second time"
        if _was_sent(old) and not _was_sent(row):
            return f"the mail of {row.id} is no longer sent"
        if len(row.extra_payments) < len(old.extra_payments):
            return f"{row.id} forgot an extra payment"
        if not {refund.id for refund in old.refunds} <= {r.id for r in row.refunds}:
            return f"{row.id} forgot a refund"
    return None


def no_session_before_reserved(world: World, before: Before) -> Complaint:
    """I10: the provider hears of a purchase only once its spot is held."""
    for session in world.payments.sessions.values():
        row = _row_of(world, session)
        if row is None or row.status is Status.CREATING:
            return f"{session.id} has no reserved purchase"
    return None


def nothing_payable_after_the_end(world: World, before: Before) -> Complaint:
    """I9 and I10: a closed purchase has no page on which money could be lost."""
    for session in world.payments.sessions.values():
        row = _row_of(world, session)
        is_over = row is not None and row.status is Status.CLOSED
        if is_over and world.payments.is_open(session):
            return f"{session.id} can still be paid"
    return None


def one_session_each(world: World, before: Before) -> Complaint:
    """I16: however often it was asked for, and by however many workers."""
    for id_, times in world.payments.created.items():
        if times > 1:
            return f"{id_} has {times} sessions"
    return None


def only_what_is_over_gives_back(world: World, before: Before) -> Complaint:
    """I11: a spot is given back by its own purchase, after its end."""
    for id_ in before.held - world.held:
        row = world.store.rows.get(id_)
        if row is None or row.status not in TERMINAL:
            return f"{id_} lost its spot"
    return None


def no_money_without_a_record(world: World, before: Before) -> Complaint:
    """I12: what was paid for an ended purchase is written down when it ends."""
    for session in world.payments.sessions.values():
        row = _row_of(world, session)
        if row is None or row.is_live or session.id in world.payments.rogue:
            continue
        if session.is_paid and not is_recorded(world, session):
            return f"{session.id} was paid, {row.id} is {row.status}"
    return None


def mail_follows_completion(world: World, before: Before) -> Complaint:
    """I14: no confirmation of what is not bought."""
    for letter in world.mailer.letters[before.letters :]:
        rows = world.store.rows.values()
        row = next((r for r in rows if r.order_number == letter.order_number), None)
        if row is None or row.completed_at is None:
            return f"{letter.message_id} was sent for nothing"
        if f"confirm.{row.id}@" not in letter.message_id:
            return f"{letter.message_id} is of another purchase"
    return None


def notices_speak_of_rows(world: World, before: Before) -> Complaint:
    """I14: no notice about money that never moved, and each row told of once a kind."""
    for row in before.changed:
        ids = [notice.message_id for notice in row.notices]
        rows = {refund.id for refund in row.refunds}
        rows |= {extra.session_id for extra in row.extra_payments}
        if not {notice.row_id for notice in row.notices} <= rows:
            return f"{row.id} tells of money that it does not know"
        if len(ids) != len(set(ids)):
            return f"{row.id} would tell the same twice"
    return None


ALWAYS: Final[tuple[tuple[str, Check], ...]] = (
    ("I1", spots_stay_within_the_limit),
    ("I2", one_live_purchase_each),
    ("I3", what_is_owned_was_paid_as_quoted),
    ("I5", class_reps_hold_their_spot),
    ("I7", statuses_move_on),
    ("I7", facts_only_grow),
    ("I10", no_session_before_reserved),
    ("I9", nothing_payable_after_the_end),
    ("I16", one_session_each),
    ("I11", only_what_is_over_gives_back),
    ("I12", no_money_without_a_record),
    ("I6", refunds_were_meant),
    ("I6", no_more_goes_back_than_came),
    ("I6", no_more_is_owed_than_came),
    ("I12", what_ended_was_given_back),
    ("I7", what_is_owned_was_not_given_back),
    ("I14", mail_follows_completion),
    ("I14", notices_speak_of_rows),
)


# --- What must hold in the end --------------------------------------------------


def unsettled(world: World) -> Iterator[str]:
    """Yield what is still to be done before everything has come to its right end."""
    yield from _purchases_under_way(world)
    yield from _spots_not_bought(world)
    yield from _sessions_left_over(world)
    yield from _mails_not_sent(world)
    yield from money_owed(world)
    yield from books_that_differ(world)


def _purchases_under_way(world: World) -> Iterator[str]:
    for row in world.store.rows.values():
        if row.status not in TERMINAL | {Status.COMPLETED}:
            yield f"I13: {row.id} is still {row.status}"


def _spots_not_bought(world: World) -> Iterator[str]:
    rows = world.store.rows.values()
    bought = {r.id for r in rows if r.status is Status.COMPLETED and r.is_class_rep}
    if world.held != bought:
        yield f"I5: {sorted(world.held)} hold, {sorted(bought)} bought"


def _sessions_left_over(world: World) -> Iterator[str]:
    for session in world.payments.sessions.values():
        if session.is_paid and not is_recorded(world, session):
            yield f"I12: {session.id} is paid and nobody knows"
        if world.payments.is_open(session):
            yield f"I10: {session.id} is open and nobody needs it"


def _mails_not_sent(world: World) -> Iterator[str]:
    sent = {letter.order_number for letter in world.mailer.letters}
    for row in world.store.rows.values():
        is_owed = row.confirmation is not None
        if is_owed and not (_was_sent(row) and row.order_number in sent):
            yield f"I14: {row.id} waits for its mail"
        for notice in row.notices:
            if notice.state is not MailState.SENT:
                yield f"I14: {row.id} waits for {notice.message_id}"


def is_recorded(world: World, session: CheckoutSession) -> bool:
    """Say whether some row of ours names this payment."""
    orphan = session.payment_intent or session.id
    row = _row_of(world, session)
    if row is None or orphan in world.orphans.stored:
        return orphan in world.orphans.stored
    if row.paid is not None and row.paid.session_id == session.id:
        return True
    return any(extra.session_id == session.id for extra in row.extra_payments)


def _is_paid(world: World, row: Purchase) -> bool:
    if row.paid is None:
        return False
    session = world.payments.sessions[row.paid.session_id]
    total = row.quote.total
    told = (session.amount_total, session.currency, session.livemode)
    is_own = session.purchase_id == row.id
    return (
        session.is_paid
        and is_own
        and told
        == (
            total.amount,
            total.currency.code,
            False,
        )
    )


def _is_completed_anew(old: Purchase, row: Purchase) -> bool:
    completion = (old.completed_at, old.paid)
    return old.completed_at is not None and completion != (row.completed_at, row.paid)


def _was_sent(row: Purchase) -> bool:
    return row.confirmation is not None and row.confirmation.state is MailState.SENT


def _row_of(world: World, session: CheckoutSession) -> Purchase | None:
    if session.purchase_id is None:
        return None
    return world.store.rows.get(session.purchase_id)
