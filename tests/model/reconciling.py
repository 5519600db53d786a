"""RECONCILE: look at one purchase and do the next thing, as any other worker would."""

from tests.model.steps import Kind, Room, Steps, View
from tests.model.vocabulary import (
    DISPUTED,
    EVERY,
    EXTRAS,
    HAS_FAILED,
    MONEY_CAME,
    TERMINAL,
    Refund,
    Row,
    Session,
    Status,
    word,
)


class Reconciling(Room):
    def reconcile(self, at: View) -> Steps:
        match at.purchase.status:
            case Status.CREATING | Status.RESERVED:
                return [*self._reconcile_begun(at), *self._reconcile_wrong(at)]
            case Status.PENDING:
                return [*self._reconcile_pending(at), *self._reconcile_wrong(at)]
            case Status.CLOSING:
                closing = at.go("reconcile: closing", at.anew("learn_session"))
                return [*closing, *self._reconcile_wrong(at)]
            case Status.REFUNDING if not at.purchase.has_open_row:
                label = "reconcile: refunding, no open row"
                return at.go(label, at.anew("decide_refunding"))
        out = [
            *(step for number in EVERY for step in self._reconcile_refund(at, number)),
            *self._reconcile_closed(at),
            *self._reconcile_dispute(at),
            *(step for number in EXTRAS for step in self._reconcile_extra(at, number)),
            *self._reconcile_spot(at),
        ]
        return out or at.go(f"reconcile: nothing to do, {word(at.purchase.status)}")

    def _reconcile_wrong(self, at: View) -> Steps:
        """Wrong money may go back before its purchase is closed."""
        if not self.having.early_refunds:
            return []
        wrong = [n for n in EVERY if at.purchase.rows[n] is Row.DUE]
        return [step for number in wrong for step in self._reconcile_due(at, number)]

    def _reconcile_begun(self, at: View) -> Steps:
        if at.purchase.status is Status.RESERVED and self.is_free(at.purchase):
            return at.go("reconcile: free and reserved", at.anew("create_session"))
        label = f"reconcile: {word(at.purchase.status)} for long"
        return at.go(label, at.anew("begin_close"))

    def _reconcile_pending(self, at: View) -> Steps:
        return at.go("reconcile: pending", at.anew("retrieve"))

    def _reconcile_refund(self, at: View, number: int) -> Steps:
        row, refund = at.purchase.rows[number], at.purchase.refunds[number]
        if row is Row.DUE:
            return self._reconcile_due(at, number)
        if row is Row.SENT and refund in {Refund.DONE, *HAS_FAILED}:
            then = at.anew("look_at_refund")._replace(number=number)
            return at.go("reconcile: refund sent, look", then)
        if row is Row.DONE and refund in HAS_FAILED:
            return self._reconcile_failed(at, number)
        if row in {Row.NONE, Row.REFUSED} and refund is Refund.DONE:
            return self._reconcile_unknown(at, number)
        return []

    def _reconcile_due(self, at: View, number: int) -> Steps:
        if not self._may_send(at):
            return []
        then = at.anew("send_refund")._replace(number=number)
        return at.go("reconcile: refund due", then, kind=Kind.REFUND)

    def _may_send(self, at: View) -> bool:
        return at.purchase.noted_dispute not in DISPUTED

    def _reconcile_failed(self, at: View, number: int) -> Steps:
        then = at.anew("note_failed")._replace(number=number)
        return at.go("reconcile: stripe lists a refund failed", then)

    def _reconcile_unknown(self, at: View, number: int) -> Steps:
        then = at.anew("note_done")._replace(number=number)
        return at.go("reconcile: stripe lists a refund succeeded", then)

    def _reconcile_closed(self, at: View) -> Steps:
        if at.purchase.status is not Status.CLOSED:
            return []
        if at.purchase.session in MONEY_CAME and not at.purchase.money_is_noted:
            return at.go("reconcile: stripe lists paid session", at.anew("note_late"))
        if at.purchase.session is Session.OPEN:
            return self._reconcile_open(at)
        return []

    def _reconcile_open(self, at: View) -> Steps:
        return at.go("reconcile: stripe lists open session", at.anew("expire_left"))

    def _reconcile_dispute(self, at: View) -> Steps:
        if at.purchase.noted_dispute is at.purchase.dispute:
            return []
        then = at.anew("note_dispute")._replace(dispute=at.purchase.dispute)
        return at.go("reconcile: stripe lists a dispute", then)

    def _reconcile_extra(self, at: View, number: int) -> Steps:
        extra, anew = at.purchase.extras[number], at.anew
        if extra.money is not Refund.NONE and extra.row is Row.NONE:
            then = anew("note_extra")._replace(number=number)
            return at.go("reconcile: stripe lists an extra payment", then)
        if extra.row is not Row.DUE:
            return []
        is_back = extra.money is Refund.DONE
        then = anew("note_extra_refund" if is_back else "refund_extra")
        return at.go("reconcile: extra payment due", then._replace(number=number))

    def _reconcile_spot(self, at: View) -> Steps:
        if at.purchase.status in TERMINAL and at.purchase.holds_spot:
            return at.go("reconcile: terminal, spot held", at.anew("release_spot"))
        return []
