"""What must always hold, and when a world is settled and right.

The names are those of the invariants in the protocol.  Everything here is about the
documents and Stripe: where the workers stand never matters.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tests.model.configuration import Configuration
from tests.model.steps import Buyers, Kind, Step, View
from tests.model.vocabulary import (
    ACTIVE,
    COUNTED_ROW,
    DISPUTED,
    EVERY,
    LIVE,
    LOST,
    MONEY_CAME,
    OPEN_ROW,
    OWN,
    OWNED,
    PRICE,
    ROW_NEXT,
    TERMINAL,
    UNPAID,
    Choice,
    Dispute,
    Mail,
    Purchase,
    Refund,
    Row,
    Session,
    Status,
    word,
)

KNOWN_TO_STRIPE: Final = (
    Session.OPEN,
    Session.PAID,
    Session.PROCESSING,
    Session.UNPAID,
    Session.WRONG,
)
PAYABLE: Final = (Session.OPEN, Session.PROCESSING)
SETTLED: Final = (Status.ABSENT, Status.COMPLETED, *TERMINAL)
Moves = Mapping[Status, set[Status]]


class Invariants:
    def __init__(self, configuration: Configuration, moves: Moves) -> None:
        self.having = configuration
        self.moves = moves

    # ---- always, of every state

    def broken(self, buyers: Buyers) -> str | None:
        """Name one that does not hold, if there is one."""
        return next(self._broken(buyers), None)

    def _broken(self, buyers: Buyers) -> Iterator[str]:
        every = [purchase for purchases in buyers for purchase in purchases]
        for purchase in every:
            yield from self._broken_of(purchase)
        for purchases in buyers:
            if sum(p.status in LIVE for p in purchases) > 1:
                yield "I2 two live purchases of one buyer"
            if sum(self._is_kept(p) for p in purchases) > 1:
                yield "I4 two kept payments, none with an intent"
        reps = sum(self._needs_spot(purchase) for purchase in every)
        if max(reps, sum(p.holds_spot for p in every)) > self.having.most_spots:
            yield "I1 more spots than limit"

    def _is_free(self, purchase: Purchase) -> bool:
        return purchase.choice in self.having.free

    def _needs_spot(self, purchase: Purchase) -> bool:
        holding = (*UNPAID, *OWNED)
        return purchase.choice is Choice.REP and purchase.status in holding

    def _is_kept(self, purchase: Purchase) -> bool:
        """Whether we have money for it and no intent to give all of it back."""
        if self._is_free(purchase) or purchase.noted_dispute is Dispute.LOST:
            return False
        if purchase.rows_sum(*COUNTED_ROW) >= PRICE:
            return False
        was_paid = purchase.status in TERMINAL and any(purchase.rows)
        return purchase.status is Status.COMPLETED or was_paid

    def _broken_of(self, purchase: Purchase) -> Iterator[str]:
        yield from self._broken_spot(purchase)
        yield from self._broken_session(purchase)
        yield from self._broken_money(purchase)

    def _broken_spot(self, purchase: Purchase) -> Iterator[str]:
        if self._needs_spot(purchase) and not purchase.holds_spot:
            yield "I5 live class-rep purchase without a spot"
        if purchase.choice is not Choice.REP and purchase.holds_spot:
            yield "I5 spot without a class-rep purchase"

    def _broken_session(self, purchase: Purchase) -> Iterator[str]:
        session, status = purchase.session, purchase.status
        is_free = self._is_free(purchase)
        if status in OWNED and not is_free and session is not Session.PAID:
            yield "I3 completed but not paid as quoted"
        if is_free and (session is not Session.NONE or any(purchase.refunds)):
            yield "I3 free purchase known to Stripe"
        unmarked = status in {Status.ABSENT, Status.CREATING}
        if unmarked and session in KNOWN_TO_STRIPE:
            yield "I10 session before its phase was durable"
        if status is Status.CLOSED:
            yield from self._broken_closed(purchase)

    def _broken_closed(self, purchase: Purchase) -> Iterator[str]:
        was_seen = purchase.url_shown or not self.having.flaky_creates
        if was_seen and purchase.session in PAYABLE:
            yield "I10 closed while its session is still payable"
        charged = (Session.PAID, Session.PROCESSING)
        if not self.having.pays_unseen and purchase.session in charged:
            yield "I9 charged after close"

    def _broken_money(self, purchase: Purchase) -> Iterator[str]:
        status, rows, refunds = purchase.status, purchase.rows, purchase.refunds
        if any(refunds[n] and not rows[n] for n in OWN):
            yield "I6 refund without a durable intent"
        if purchase.refunds_sum(*ACTIVE) > PRICE:
            yield "I6 refunds exceed the payment"
        went_back = purchase.refunds_sum(Refund.DONE, Refund.FAILED_LATE) >= PRICE
        is_lost = purchase.dispute is Dispute.LOST
        is_refunded = status is Status.REFUNDED and not self._is_free(purchase)
        if is_refunded and not went_back and not is_lost:
            yield "I12 refunded though no refund has succeeded"
        if status in OWNED and purchase.noted_dispute is Dispute.LOST:
            yield "I12 lost to the bank, and still owned"
        if any(
            e.row is Row.DONE and e.money is not Refund.DONE for e in purchase.extras
        ):
            yield "I12 an extra payment is kept, and its row is done"

    # ---- always, of every step

    def broken_step(self, before: Purchase, after: Purchase) -> str | None:
        """Name one that a change of a purchase does not keep."""
        return next(self._broken_change(before, after), None)

    def _broken_change(self, before: Purchase, after: Purchase) -> Iterator[str]:
        moved = before.status is not after.status
        if moved and after.status not in self.moves[before.status]:
            change = f"{word(before.status)}->{word(after.status)}"
            yield f"I7 status moved backwards ({change})"
        freed = before.holds_spot and not after.holds_spot
        if freed and after.status not in TERMINAL:
            yield "I11 spot released while the purchase is not terminal"
        yield from self._broken_rows(before, after)
        if before.noted_dispute is not after.noted_dispute not in self._later(before):
            yield "I7 a dispute moved backwards"
        is_back = (
            after.rows_sum(Row.DONE) >= PRICE
            or after.noted_dispute is Dispute.LOST
            or self._is_free(after)
        )
        if moved and after.status is Status.REFUNDED and not is_back:
            yield "I12 refunded without rows that are done"

    def _later(self, before: Purchase) -> tuple[Dispute, ...]:
        if before.noted_dispute is Dispute.NONE:
            return (Dispute.OPEN, Dispute.WON, *LOST)
        return (Dispute.WON, *LOST) if before.noted_dispute is Dispute.OPEN else ()

    def _broken_rows(self, before: Purchase, after: Purchase) -> Iterator[str]:
        moves = list(zip(before.rows, after.rows, strict=True))
        for now, then in moves:
            if now is not then and then not in ROW_NEXT[now]:
                yield "I7 a refund row moved backwards"
        intends = any(then is Row.DUE is not now for now, then in moves)
        if intends and after.rows_sum(*COUNTED_ROW) > PRICE:
            yield "I6 an intent beyond the payment"

    def broken_terms(self, view: View, step: Step) -> str | None:
        """Name one that a step breaks by the terms that the program has just now."""
        is_taken = step.purchase is not None and step.purchase.holds_spot
        if is_taken and not view.purchase.holds_spot:
            return self._broken_taking(view)
        is_opening = step.kind is Kind.STRIPE and view.worker.step == "create_session"
        if is_opening and not self._was_asked(view):
            return "I15 Stripe asked for what was not offered since the request came"
        return None

    def _broken_taking(self, view: View) -> str | None:
        if view.is_full:
            return "I1 a spot taken above the limit"
        asked = self.having.terms(view.revision)
        if not asked.is_for_sale:
            return "I15 a spot taken of what is not for sale"
        if view.worker.is_own and asked.price != view.purchase.price:
            return "I15 a spot taken at a price that is not asked"
        return None

    def _was_asked(self, view: View) -> bool:
        """Say whether it was for sale at some time since the request came.

        What others began keeps its price; one's own was asked for at that time, too.
        """
        revisions = range(view.worker.began, view.revision + 1)
        return any(
            terms.is_for_sale
            and (terms.price == view.purchase.price or not view.worker.is_own)
            for terms in map(self.having.terms, revisions)
        )

    def broken_effect(self, kind: Kind, after: Purchase, extra: int) -> str | None:
        """Name one that the outside would notice right after a step."""
        is_recorded = after.status in {*OWNED, Status.REFUNDED} or after.money_is_noted
        too_early = "I8 event acknowledged before its effect was durable"
        match kind:
            case Kind.STRIPE if self._is_free(after):
                return "I3 Stripe called for a free purchase"
            case Kind.URL if after.status is not Status.PENDING:
                return "I10 url shown of a purchase that is not pending"
            case Kind.ACK if not is_recorded:
                return too_early
            case Kind.ACK_EXTRA if after.extras[extra].row is Row.NONE:
                return too_early
            case Kind.REFUND if after.noted_dispute in DISPUTED:
                return "I6 a refund decided for a charge known as disputed"
        return None

    # ---- eventually

    def is_settled(self, buyers: Buyers) -> bool:
        """Say whether nothing is left to do, and everything is as it should be."""
        for purchases in buyers:
            if sum(p.status is Status.COMPLETED for p in purchases) > 1:
                return False
            if not all(self._is_right(purchase) for purchase in purchases):
                return False
        return True

    def _is_right(self, purchase: Purchase) -> bool:
        rules: tuple[Callable[[Purchase], bool], ...] = (
            self._is_quiet,
            self._money_is_right,
            self._records_are_right,
        )
        return all(rule(purchase) for rule in rules)

    def _is_quiet(self, purchase: Purchase) -> bool:
        owns_spot = purchase.choice is Choice.REP
        keeps_spot = owns_spot and purchase.status is Status.COMPLETED
        is_left_open = purchase.status is Status.CLOSED and purchase.session in PAYABLE
        return (
            purchase.status in SETTLED
            and purchase.holds_spot == keeps_spot
            and not is_left_open
            and not any(row in OPEN_ROW for row in purchase.rows)
            and Refund.PENDING not in purchase.refunds
            and purchase.noted_dispute is purchase.dispute is not Dispute.OPEN
        )

    def _money_is_right(self, purchase: Purchase) -> bool:
        """No money is kept for nothing, and nothing is owned for no money."""
        if purchase.session not in MONEY_CAME:
            return True
        is_back = purchase.refunds_sum(Refund.DONE) >= PRICE
        is_back |= purchase.dispute is Dispute.LOST
        if is_back:
            return purchase.status in TERMINAL
        is_flagged = purchase.noted_dispute is Dispute.LOST_IN_PART
        return purchase.status is Status.COMPLETED or is_flagged

    def _records_are_right(self, purchase: Purchase) -> bool:
        is_told = not self.having.mails or purchase.mail is Mail.SENT
        done = Refund.DONE
        return (
            all(
                purchase.rows[n] is Row.DONE
                for n in EVERY
                if purchase.refunds[n] is done
            )
            and all(
                e.money is Refund.NONE or e.row is Row.DONE for e in purchase.extras
            )
            and (is_told or purchase.status is not Status.COMPLETED)
        )
