"""One planted defect at a time: the checker must find each, or it has no teeth.

A defect is the protocol with one rule replaced; what it stands for is in its docstring.
"""

from collections.abc import Iterator
from typing import ClassVar

from tests.model.protocol import Protocol, Start
from tests.model.steps import Steps, View, WideView, Worker, set_status
from tests.model.vocabulary import (
    CANCELLABLE,
    NEXT,
    TERMINAL,
    UNPAID,
    Mail,
    Purchase,
    Refund,
    Row,
    Status,
)


class NoUniqueIndex(Protocol):
    """Nothing refuses a second live purchase."""

    def _live_duplicate(self, at: WideView) -> int | None:
        return None


class CancelWithoutExpire(Protocol):
    """A cancelled purchase leaves its session payable."""

    def _mark_closing(self, at: View) -> Steps:
        closed = set_status(at.purchase, Status.CLOSED)
        return at.go("cas ->closed", at.anew("release_spot"), to=closed)


class ReleaseFirst(Protocol):
    """The spot is given away before Stripe's word."""

    def _mark_closing(self, at: View) -> Steps:
        freed = at.purchase._replace(status=Status.CLOSING, holds_spot=False)
        return at.go("cas ->closing, release", at.anew("learn_session"), to=freed)


class LocalClock(Protocol):
    """Our clock decides that a session has expired."""

    def _reconcile_pending(self, at: View) -> Steps:
        return at.go("reconcile: expired by our clock", at.anew("expired"))


class FenceOnCreating(Protocol):
    """A purchase without a spot is closed by way of Stripe, as any other."""

    def _close_creating(self, at: View) -> Steps:
        return self._mark_closing(at)


class NoFence(Protocol):
    """An unknown session is taken for none."""

    def _learn_by_create(self, at: View) -> Steps:
        return at.go("no session known: close at once", at.on("finish_close"))


class SweepByAge(Protocol):
    """An old purchase loses its spot, whatever Stripe may say later."""

    def reconcile(self, at: View) -> Steps:
        if at.purchase.holds_spot and at.purchase.status in CANCELLABLE:
            return at.go("reconcile: old, sweep its spot", at.anew("release_spot"))
        return super().reconcile(at)


class NoReconcile(Protocol):
    """Webhooks and requests are all there is."""

    def _jobs(self, purchase: Purchase) -> Iterator[Start]:
        yield from ()


class CheckThenPush(Protocol):
    """The spots are counted in one operation, and taken in another."""

    def reserve_spot(self, at: View) -> Steps:
        if at.purchase.holds_spot:
            return super().reserve_spot(at)
        step = "give_up" if at.is_full else "push_spot"
        return at.go("count spots", at.anew(step))

    def push_spot(self, at: View) -> Steps:
        held = at.purchase._replace(holds_spot=True)
        return at.go("push spot, no condition", at.anew("mark_reserved"), to=held)


class BlindComplete(Protocol):
    """PAID writes its status whatever was there."""

    def settle(self, at: View) -> Steps:
        return at.ack("save completed", to=set_status(at.purchase, Status.COMPLETED))


class BlindPending(Protocol):
    """The session is saved with the status, whatever was there."""

    def save_session(self, at: View) -> Steps:
        shown = at.purchase._replace(session_saved=True, url_shown=True)
        return at.answer("save pending", to=set_status(shown, Status.PENDING))


class RefundFirst(Protocol):
    """Stripe is asked before the intent is durable."""

    def _intend(self, at: View, amount: int) -> Steps:
        given = at.purchase.with_refund(0, Refund.DONE, amount)
        return at.stripe("stripe refund first", at.anew("note_done"), to=given)


class Revive(Protocol):
    """Late money brings a closed purchase back."""

    completable = (*UNPAID, Status.CLOSED)
    moves: ClassVar = NEXT | {Status.CLOSED: {Status.COMPLETED}}


class AckEarly(Protocol):
    """An event is acknowledged, then worked on."""

    def _events(self, purchase: Purchase) -> Iterator[Start]:
        for start in super()._events(purchase):
            yield start._replace(step="acknowledge")

    def acknowledge(self, at: View) -> Steps:
        return at.ack("ACK", at.anew("settle"))


class AlreadyIsSucceeded(Protocol):
    """An "already refunded" is taken for a success of this refund."""

    def list_refunds(self, at: View) -> Steps:
        return self.note_done(at)


class RowThenStatus(Protocol):
    """The row moves in one update, and the status in another."""

    def _row_done(self, purchase: Purchase, number: int) -> Purchase:
        return purchase.with_row(number, Row.DONE)

    def _back_to_completed(self, purchase: Purchase) -> Purchase:
        return purchase

    def _record(self, at: View, after: Purchase, number: int, row: Row) -> Steps:
        recorded = super()._record(at, after, number, row)
        if at.purchase.status is not Status.REFUNDING or row is Row.SENT:
            return recorded
        then = at.anew("set_refunded" if row is Row.DONE else "set_completed")
        return [step._replace(then=then) for step in recorded]

    def set_refunded(self, at: View) -> Steps:
        return self._set(at, Status.REFUNDED)

    def set_completed(self, at: View) -> Steps:
        return self._set(at, Status.COMPLETED)

    def _set(self, at: View, status: Status) -> Steps:
        if at.purchase.status is not Status.REFUNDING:
            return at.go("cas refunding->: no match")
        to = set_status(at.purchase, status)
        return at.go("cas refunding-> by status", at.anew("release_spot"), to=to)


class CasByStatus(Protocol):
    """The status moves though the row refused to."""

    def _moved(self, purchase: Purchase, number: int, row: Row) -> Purchase:
        moved = super()._moved(purchase, number, row)
        if row is Row.DONE and moved.status is Status.REFUNDING:
            return set_status(moved, Status.REFUNDED)
        return moved


class RowUnfiltered(Protocol):
    """An old "succeeded" wins over a newer "failed"."""

    may_become_done = (Row.NONE, Row.DUE, Row.SENT, Row.REFUSED, Row.FAILED)


class NoNewIntent(Protocol):
    """A refund that fails after it succeeded is only noted."""

    def _intend_again(self, purchase: Purchase) -> Purchase:
        if purchase.status is Status.REFUNDED:
            return purchase
        return super()._intend_again(purchase)


class ExtraOneKey(Protocol):
    """Late money has one try to go back."""

    def _intend_again(self, purchase: Purchase) -> Purchase:
        if purchase.status is Status.CLOSED:
            return purchase
        return super()._intend_again(purchase)


class RefusedIsFinal(Protocol):
    """A refusal that Stripe may not have stored is taken for a failure."""

    def _row_refused(self, purchase: Purchase, number: int) -> Purchase:
        return purchase.with_row(number, Row.FAILED)


class PendingIsDone(Protocol):
    """Stripe's "pending" is taken for a success."""

    def note_sent(self, at: View) -> Steps:
        return self.note_done(at)


class DoneIsForgotten(Protocol):
    """Nobody looks again at a refund that is done."""

    def _reconcile_failed(self, at: View, number: int) -> Steps:
        return []


class EarlyRefundIsOrphan(Protocol):
    """A refund that is told before its payment belongs to nobody."""

    def _defer(self, at: View) -> Steps:
        return at.go("refund of an unknown payment: orphan")

    def _reconcile_unknown(self, at: View, number: int) -> Steps:
        return []


class NoteExtraAgain(Protocol):
    """A wrong payment that was noted before is noted once more."""

    def _settle_wrong(self, at: View) -> Steps:
        if at.purchase.rows[0] in {Row.NONE, Row.DUE}:
            return super()._settle_wrong(at)
        again = at.purchase.with_row(0, Row.DUE)
        return at.ack("wrong amount: note it again", at.on("close_wrong"), to=again)


class SaveAnswersAnyway(Protocol):
    """The url is shown though the purchase was closed meanwhile."""

    def _drop_session(self, at: View) -> Steps:
        shown = at.purchase._replace(url_shown=True)
        return at.answer("cas reserved->pending: closed, answer url", to=shown)


class OpenIsLeft(Protocol):
    """Nobody looks for open sessions of closed purchases."""

    def _reconcile_open(self, at: View) -> Steps:
        return []


class CloseRefusalIsUnknown(Protocol):
    """A create that Stripe refuses for good leaves the purchase closing."""

    def _after_refusal(self, at: View) -> Worker | None:
        return None


class KeyOf500IsNone(Protocol):
    """A key that holds a 500 is taken to mean that no session exists."""

    def _list_sessions(self, at: View) -> Steps:
        return at.go("saved 500: no session", at.on("finish_close"))


class UnpaidWaits(Protocol):
    """A failed delayed payment is waited for, for ever."""

    def _look_at_unpaid(self, at: View) -> Steps:
        return self._wait_for_payment(at)


class ProcessingCloses(Protocol):
    """A delayed payment that is processing is taken for none."""

    def _wait_for_payment(self, at: View) -> Steps:
        return at.stripe("stripe: complete, unpaid", at.on("expired"))


class WrongStaysLive(Protocol):
    """A wrong payment is noted, and its purchase left as it is."""

    def close_wrong(self, at: View) -> Steps:
        return at.go("wrong amount: purchase left alone")


class AmountUnchecked(Protocol):
    """Any amount completes a purchase."""

    def _settle_wrong(self, at: View) -> Steps:
        if at.purchase.status in UNPAID:
            done = set_status(at.purchase, Status.COMPLETED)
            return at.ack("cas ->completed, any amount", to=done)
        return at.go("cas ->completed: no match", at.anew("read_unsettled"))


class ReplaceWithoutClose(Protocol):
    """Another choice replaces the old one without a word to Stripe."""

    def _replace_it(self, at: View) -> Steps:
        closed = set_status(at.purchase, Status.CLOSED)
        return at.go("cas ->closed (replaced)", at.on("release_spot"), to=closed)


class OldByOurClock(Protocol):
    """Our clock decides that an old purchase may be replaced."""

    def _doubt_pending(self, at: View) -> Steps:
        return at.go("read: pending, past by our clock", at.on("expired"))


class FreeCallsStripe(Protocol):
    """Stripe is asked for a session over nothing."""

    def _needs_no_stripe(self, at: View) -> bool:
        return False


class PullLiveHolder(Protocol):
    """A full program is rid of holders that are only closing."""

    closed_holder = (*TERMINAL, Status.CLOSING)


class MailApart(Protocol):
    """The confirmation is not part of the update that completes."""

    def settle(self, at: View) -> Steps:
        return [
            step._replace(purchase=step.purchase._replace(mail=Mail.NONE))
            if step.purchase
            else step
            for step in super().settle(at)
        ]


class ExternalByPurchase(Protocol):
    """The refund of an extra payment is matched by the purchase."""

    def note_extra_refund(self, at: View) -> Steps:
        if at.purchase.status in {Status.COMPLETED, Status.REFUNDING}:
            refunded = set_status(at.purchase, Status.REFUNDED)
            return at.go("cas ->refunded", at.anew("release_spot"), to=refunded)
        return super().note_extra_refund(at)


class ExtrasShareKey(Protocol):
    """Both extra payments are refunded by one key, so Stripe repeats its answer."""

    def refund_extra(self, at: View) -> Steps:
        if any(extra.money is Refund.DONE for extra in at.purchase.extras):
            then = at.on("note_extra_refund")
            return at.stripe("stripe refund of an extra payment, by key", then)
        return super().refund_extra(at)


class ExtrasShareRow(Protocol):
    """A purchase notes that it was overpaid, and not by which session."""

    def _extra_is_noted(self, purchase: Purchase, number: int) -> bool:
        return any(extra.row is not Row.NONE for extra in purchase.extras)


class ExtraRefundByState(Protocol):
    """The refund of an extra payment moves whichever row is due."""

    def note_extra_refund(self, at: View) -> Steps:
        for number, extra in enumerate(at.purchase.extras):
            if extra.row is Row.DUE:
                done = extra._replace(row=Row.DONE)
                to = at.purchase.with_extra(number, done)
                return at.go("extra payment: due->done", to=to)
        return at.go("extra payment: no open row")
