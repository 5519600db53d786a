"""The defects of partial refunds and of disputes."""

from tests.model.protocol import Protocol
from tests.model.steps import Steps, View, set_status
from tests.model.vocabulary import (
    COUNTED_ROW,
    OWN,
    OWNED,
    PRICE,
    Dispute,
    Purchase,
    Row,
    Status,
)


class PartIsWhole(Protocol):
    """Any refund that succeeds ends the purchase."""

    def _is_back(self, purchase: Purchase) -> bool:
        return purchase.rows_sum(Row.DONE) > 0


class PartKeepsRefunding(Protocol):
    """As the protocol was worded: no way back to completed while any row is done.

    What is refunding without an open row is then decided by its rows: one is done.
    """

    def _back_to_completed(self, purchase: Purchase) -> Purchase:
        if purchase.rows_sum(*COUNTED_ROW) > 0:
            return purchase
        return super()._back_to_completed(purchase)

    def decide_refunding(self, at: View) -> Steps:
        refunded = set_status(at.purchase, Status.REFUNDED)
        if at.purchase.status is Status.REFUNDING and Row.DONE in at.purchase.rows:
            then = at.anew("release_spot")
            return at.go("cas refunding->refunded, one is done", then, to=refunded)
        return super().decide_refunding(at)


class PartsUncounted(Protocol):
    """What earlier refunds gave back is not subtracted."""

    def _left(self, purchase: Purchase) -> int:
        return PRICE


class DashboardUncounted(Protocol):
    """Only our own refunds are subtracted, not the dashboard's."""

    def _left(self, purchase: Purchase) -> int:
        own = [n for n in OWN if purchase.rows[n] is Row.DONE]
        return PRICE - sum(purchase.amounts[n] for n in own)


class PartNotRepeated(Protocol):
    """A part that fails after all of it was back is not tried again."""

    def _intend_again(self, purchase: Purchase) -> Purchase:
        if purchase.rows_sum(*COUNTED_ROW) > 0:
            return purchase
        return super()._intend_again(purchase)


class RefundWhileDisputed(Protocol):
    """A dispute does not stop a new refund."""

    def _may_intend(self, purchase: Purchase) -> bool:
        return True


class SendWhileDisputed(Protocol):
    """A dispute does not stop a refund that is due."""

    def _may_send(self, at: View) -> bool:
        return True


class DisputeUnordered(Protocol):
    """The event that comes last wins, however old it is."""

    def _is_newer(self, purchase: Purchase, told: Dispute) -> bool:
        return purchase.noted_dispute is not told


class LostInTwoUpdates(Protocol):
    """The loss is noted in one update, and the status moves in another."""

    def _disputed(self, purchase: Purchase) -> Purchase:
        status = purchase.status
        return set_status(super()._disputed(purchase), status)


class LostLeavesDueRow(Protocol):
    """A lost dispute leaves refunds due that nobody may send."""

    def _give_up_due_rows(self, purchase: Purchase) -> Purchase:
        return purchase


class PartLostIsLost(Protocol):
    """Losing a part of the payment ends the purchase."""

    def _disputed(self, purchase: Purchase) -> Purchase:
        after = super()._disputed(purchase)
        is_lost = after.noted_dispute is Dispute.LOST_IN_PART
        if is_lost and after.status in OWNED:
            return set_status(after, Status.REFUNDED)
        return after


class DisputeRefusalIsPlain(Protocol):
    """A refusal because of a dispute burns one try after the other."""

    def note_refused_by_dispute(self, at: View) -> Steps:
        return self.note_refused(at)


class WonIsForgotten(Protocol):
    """A refund that a dispute has stopped is not sent when the dispute is won."""

    def _may_send(self, at: View) -> bool:
        return at.purchase.noted_dispute is Dispute.NONE


class NobodyListsDisputes(Protocol):
    """Only events tell of disputes."""

    def _reconcile_dispute(self, at: View) -> Steps:
        return []


class WonOwesNothing(Protocol):
    """A dispute that is won does not make due again what failed meanwhile."""

    def _owed_again(self, purchase: Purchase) -> Purchase:
        return purchase


class OldAnswerIsNews(Protocol):
    """What a key repeats counts as what Stripe says now."""

    def _moved(self, purchase: Purchase, number: int, row: Row) -> Purchase:
        if row is Row.SENT and purchase.rows[number] is Row.DONE:
            return purchase.with_row(number, Row.SENT)
        return super()._moved(purchase, number, row)
