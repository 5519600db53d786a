"""REFUND and EXTERNAL: rows keyed by their refund, in whole or in part.

A row and the status move in one update, filtered by the row.  Money is back when the
rows that are done sum up to the price, whoever asked for them.
"""

from typing import ClassVar

from tests.model.steps import GOES_BACK, Kind, Room, Steps, View, set_status
from tests.model.vocabulary import (
    ACTIVE,
    DASHBOARD,
    DISPUTED,
    EVERY,
    HAS_FAILED,
    OPEN_ROW,
    OWN,
    OWNED,
    PRICE,
    TERMINAL,
    UNPAID,
    Dispute,
    Purchase,
    Refund,
    Row,
    Status,
    word,
)


class Refunding(Room):
    may_become_done: ClassVar[tuple[Row, ...]] = (
        Row.NONE,
        Row.DUE,
        Row.SENT,
        Row.REFUSED,
    )

    def request_refund(self, at: View) -> Steps:
        """Give back what is left."""
        if at.purchase.status is not Status.COMPLETED:
            return at.go("cas completed->refunding: no match")
        if self.is_free(at.purchase):
            refunded = set_status(at.purchase, Status.REFUNDED)
            then = at.anew("release_spot")
            return at.go("cas completed->refunded (free)", then, to=refunded)
        return self._intend(at, self._left(at.purchase))

    def request_part(self, at: View) -> Steps:
        if at.purchase.status is not Status.COMPLETED:
            return at.go("push partial refund: no match")
        return self._intend(at, PRICE // 2)

    def request_whole(self, at: View) -> Steps:
        """Give all of it back, asked for on a page that may be old by now."""
        if at.purchase.status is not Status.COMPLETED:
            return at.go("push whole refund: no match")
        return self._intend(at, PRICE)

    def _left(self, purchase: Purchase) -> int:
        return PRICE - purchase.rows_sum(Row.DONE)

    def _is_back(self, purchase: Purchase) -> bool:
        return purchase.rows_sum(Row.DONE) >= PRICE

    def _intend(self, at: View, amount: int) -> Steps:
        purchase = at.purchase
        number = purchase.fresh_row(self.having.most_refunds)
        left = self._left(purchase)
        if purchase.has_open_row or number is None:
            return at.go("push refund: another is open")
        if not self._may_intend(purchase):
            return at.go("push refund: disputed")
        if amount > left:
            return at.go("push refund: more than was paid")
        due = purchase.with_row(number, Row.DUE, amount)
        then = at.anew("send_refund")._replace(number=number)
        if amount < left:
            return at.go("push partial refund", then, to=due, kind=Kind.REFUND)
        due = self._mark_refunding(due)
        return at.go("cas completed->refunding", then, to=due, kind=Kind.REFUND)

    def _may_intend(self, purchase: Purchase) -> bool:
        return purchase.noted_dispute not in DISPUTED

    def _mark_refunding(self, purchase: Purchase) -> Purchase:
        return set_status(purchase, Status.REFUNDING)

    def send_refund(self, at: View) -> Steps:
        """Ask Stripe; the key is the refund's id, so the first answer stays."""
        purchase, number = at.purchase, at.worker.number
        if purchase.refunds[number] is not Refund.NONE:
            return self._replay(at)
        if purchase.dispute in DISPUTED:
            disputed = purchase.with_refund(number, Refund.DISPUTED)
            then = at.on("note_refused_by_dispute")
            return at.stripe("stripe refund: disputed", then, to=disputed)
        if purchase.refunds_sum(*ACTIVE) + purchase.amounts[number] > PRICE:
            refused = purchase.with_refund(number, Refund.REFUSED)
            then = at.on("list_refunds")
            return at.stripe("stripe refund: already refunded", then, to=refused)
        return self._send_first(at)

    def _replay(self, at: View) -> Steps:
        out = self._replay_last(at)
        is_over = at.purchase.refunds[at.worker.number] in {*HAS_FAILED, Refund.DONE}
        if self.having.old_answers and is_over:
            then = at.on("note_sent")
            out += at.stripe("stripe refund: pending, by key, and old", then)
        return out

    def _replay_last(self, at: View) -> Steps:
        match at.purchase.refunds[at.worker.number]:
            case Refund.PENDING | Refund.FAILED:
                then = at.on("note_sent")
                return at.stripe("stripe refund: pending, by key", then)
            case Refund.DONE | Refund.FAILED_LATE:
                then = at.on("note_done")
                return at.stripe("stripe refund: succeeded, by key", then)
            case Refund.DISPUTED:
                then = at.on("note_refused_by_dispute")
                return at.stripe("stripe refund: disputed, by key", then)
        then = at.on("list_refunds")
        return at.stripe("stripe refund: refused, by key", then)

    def _send_first(self, at: View) -> Steps:
        done = at.purchase.with_refund(at.worker.number, Refund.DONE)
        out = at.stripe("stripe refund: succeeded", at.on("note_done"), to=done)
        if self.having.pending_refunds:
            sent = at.purchase.with_refund(at.worker.number, Refund.PENDING)
            out += at.stripe("stripe refund: pending", at.on("note_sent"), to=sent)
        if self.having.refused_refunds and at.worker.number == 0:
            then = at.on("note_refused")
            out += at.stripe("stripe refund: refused, not stored", then)
        return out

    def list_refunds(self, at: View) -> Steps:
        """Look for the refund that was in the way."""
        purchase, mine = at.purchase, at.worker.number
        found = [n for n in EVERY if n != mine and purchase.refunds[n] in ACTIVE]
        unknown = [n for n in found if purchase.rows[n] not in {Row.SENT, Row.DONE}]
        for number in unknown or found:
            is_done = purchase.refunds[number] is Refund.DONE
            then = at.on("note_found")._replace(found=(number, is_done))
            return at.stripe("stripe list refunds: found", then)
        return at.stripe("stripe list refunds: none", at.on("note_refused"))

    def note_found(self, at: View) -> Steps:
        """Record the refund that was found, and ours as refused, in one update."""
        number, is_done = at.worker.found or (0, False)
        after = at.purchase
        if after.rows[at.worker.number] in OPEN_ROW:
            after = after.with_row(at.worker.number, Row.REFUSED)
        word_of_stripe = Row.DONE if is_done else Row.SENT
        return self._record(at, after, number, word_of_stripe)

    def note_done(self, at: View) -> Steps:
        return self._record(at, at.purchase, at.worker.number, Row.DONE)

    def note_sent(self, at: View) -> Steps:
        return self._record(at, at.purchase, at.worker.number, Row.SENT)

    def note_failed(self, at: View) -> Steps:
        return self._record(at, at.purchase, at.worker.number, Row.FAILED)

    def note_refused(self, at: View) -> Steps:
        return self._record(at, at.purchase, at.worker.number, Row.REFUSED)

    def note_refused_by_dispute(self, at: View) -> Steps:
        """Note the dispute too, or the next try would be refused as well."""
        after = at.purchase
        if after.noted_dispute is Dispute.NONE:
            after = after._replace(noted_dispute=Dispute.OPEN)
        return self._record(at, after, at.worker.number, Row.REFUSED)

    def _record(self, at: View, after: Purchase, number: int, row: Row) -> Steps:
        """Move a row, and the status with it, in one update filtered by the row."""
        if self._is_early(after):
            return self._defer(at)
        after = self._moved(after, number, row)
        label = f"refund row {word(row)}"
        then = at.anew("release_spot") if after.status in TERMINAL else None
        if after == at.purchase:
            return at.go(f"{label}: already", then)
        change = f"{word(at.purchase.status)}->{word(after.status)}"
        return at.go(f"{label}: {change}", then, to=after)

    def _is_early(self, purchase: Purchase) -> bool:
        """Whether Stripe tells of a refund before the payment itself was noted."""
        is_noted = purchase.money_is_noted
        if purchase.status in UNPAID:
            return not (is_noted and self.having.early_refunds)
        is_over = purchase.status is Status.CLOSED and not is_noted
        return purchase.status is Status.CREATING or is_over

    def _defer(self, at: View) -> Steps:
        return at.go("refund before its payment is noted", at.anew("settle"))

    def _moved(self, purchase: Purchase, number: int, row: Row) -> Purchase:
        now = purchase.rows[number]
        if row is Row.DONE and now in self.may_become_done:
            purchase = self._row_done(purchase, number)
        elif row is Row.SENT and now in {Row.NONE, Row.DUE, Row.REFUSED}:
            purchase = purchase.with_row(number, Row.SENT)
        elif row is Row.REFUSED and now in {Row.NONE, Row.DUE}:
            purchase = self._row_refused(purchase, number)
        elif row is Row.FAILED and now is not Row.FAILED:
            purchase = purchase.with_row(number, Row.FAILED)
        return self._intend_again(self._back_to_completed(purchase))

    def _row_done(self, purchase: Purchase, number: int) -> Purchase:
        done = purchase.with_row(number, Row.DONE)
        is_whole = self._is_back(done)
        if is_whole and done.status in OWNED:
            done = set_status(done, Status.REFUNDED)
        covers = number == DASHBOARD and is_whole
        if covers and done.status in GOES_BACK:
            tried = [n for n in OWN if done.rows[n] in OPEN_ROW]
            for each in tried:
                done = done.with_row(each, Row.REFUSED)
        return done

    def _row_refused(self, purchase: Purchase, number: int) -> Purchase:
        return purchase.with_row(number, Row.REFUSED)

    def decide_refunding(self, at: View) -> Steps:
        """Decide by the rows what is refunding without an open one."""
        if at.purchase.status is not Status.REFUNDING:
            return at.go("cas refunding->: no match")
        if not self._is_back(at.purchase):
            completed = set_status(at.purchase, Status.COMPLETED)
            return at.go("cas refunding->completed (by its rows)", to=completed)
        refunded = set_status(at.purchase, Status.REFUNDED)
        then = at.anew("release_spot")
        return at.go("cas refunding->refunded (by its rows)", then, to=refunded)

    def look_at_refund(self, at: View) -> Steps:
        if at.purchase.refunds[at.worker.number] is Refund.DONE:
            then = at.on("note_done")
            return at.stripe("stripe retrieve refund: succeeded", then)
        return at.stripe("stripe retrieve refund: failed", at.on("note_failed"))
