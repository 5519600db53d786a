"""DISPUTE: what a bank decides about a payment, in whatever order we hear of it."""

from tests.model.steps import Room, Steps, View, set_status
from tests.model.vocabulary import (
    LOST,
    OWNED,
    TERMINAL,
    UNPAID,
    Dispute,
    Purchase,
    Row,
    Status,
    word,
)


class Disputing(Room):
    def note_dispute(self, at: View) -> Steps:
        """Note it if it is newer, with all that follows from it, in one update."""
        purchase, told = at.purchase, at.worker.dispute
        is_late = purchase.status is Status.CLOSED and not purchase.money_is_noted
        if purchase.status in {Status.CREATING, *UNPAID} or is_late:
            return at.go("dispute before its payment is noted", at.anew("settle"))
        if not self._is_newer(purchase, told):
            then = at.anew("release_spot") if purchase.status in TERMINAL else None
            return at.go("dispute: already", then)
        after = self._disputed(purchase._replace(noted_dispute=told))
        then = at.anew("release_spot") if after.status in TERMINAL else None
        change = f"{word(purchase.status)}->{word(after.status)}"
        return at.go(f"dispute {word(told)}: {change}", then, to=after)

    def _is_newer(self, purchase: Purchase, told: Dispute) -> bool:
        return purchase.noted_dispute is Dispute.NONE or (
            purchase.noted_dispute is Dispute.OPEN and told is not Dispute.OPEN
        )

    def _disputed(self, purchase: Purchase) -> Purchase:
        if purchase.noted_dispute in LOST:
            purchase = self._give_up_due_rows(purchase)
        if purchase.noted_dispute is Dispute.LOST and purchase.status in OWNED:
            return set_status(purchase, Status.REFUNDED)
        if purchase.noted_dispute is Dispute.LOST_IN_PART:
            return self._back_to_completed(purchase)
        return self._owed_again(purchase)

    def _owed_again(self, purchase: Purchase) -> Purchase:
        """Owe what came back while the bank decided, now that it stays with us."""
        if purchase.noted_dispute is Dispute.WON:
            return self._intend_again(purchase)
        return purchase

    def _give_up_due_rows(self, purchase: Purchase) -> Purchase:
        """Nothing is sent for a lost charge: a row left due would stay so for ever."""
        rows = tuple(Row.REFUSED if r is Row.DUE else r for r in purchase.rows)
        return purchase._replace(rows=rows)
