"""PAID: what money does, in time, late, wrong or twice; and the confirmation."""

from typing import ClassVar

from tests.model.steps import Kind, Room, Steps, View
from tests.model.vocabulary import (
    PRICE,
    UNPAID,
    Mail,
    Purchase,
    Refund,
    Row,
    Session,
    Status,
    word,
)


class Payment(Room):
    completable: ClassVar[tuple[Status, ...]] = UNPAID

    def settle(self, at: View) -> Steps:
        purchase = at.purchase
        if purchase.session is Session.WRONG:
            return self._settle_wrong(at)
        if purchase.status in self.completable:
            mail = Mail.DUE if self.having.mails else Mail.NONE
            done = purchase._replace(status=Status.COMPLETED, mail=mail)
            return at.ack("cas ->completed ACK", to=done)
        return at.go("cas ->completed: no match", at.anew("read_unsettled"))

    def _settle_wrong(self, at: View) -> Steps:
        then = at.on("close_wrong")
        if not at.purchase.money_is_noted:
            noted = at.purchase.with_row(0, Row.DUE, PRICE)
            return at.ack("wrong amount: note extra due ACK", then, to=noted)
        return at.ack("wrong amount: extra already noted ACK", then)

    def close_wrong(self, at: View) -> Steps:
        """Close as if expired: the session is complete, so nobody can pay it again."""
        release = at.on("release_spot")
        if at.purchase.status in UNPAID:
            closed = at.purchase._replace(status=Status.CLOSED)
            return at.go("wrong amount: cas ->closed", release, to=closed)
        return at.go("wrong amount: already closed", release)

    def read_unsettled(self, at: View) -> Steps:
        if at.purchase.status is Status.CLOSED:
            return at.go("read: closed, paid late", at.anew("note_late"))
        return at.ack(f"read: {word(at.purchase.status)} ACK")

    def note_late(self, at: View) -> Steps:
        """Terminal never revives: money for a closed purchase goes back."""
        if at.purchase.status is Status.CLOSED and not at.purchase.money_is_noted:
            noted = at.purchase.with_row(0, Row.DUE, PRICE)
            return at.ack("late: note extra due ACK", to=noted)
        return at.ack("late: extra already noted ACK")

    def note_extra(self, at: View) -> Steps:
        """Push one more payment of the same purchase, unless its session is there."""
        number = at.worker.number
        extra = at.purchase.extras[number]
        if self._extra_is_noted(at.purchase, number):
            return at.ack("extra payment: already noted ACK", kind=Kind.ACK_EXTRA)
        noted = at.purchase.with_extra(number, extra._replace(row=Row.DUE))
        return at.ack("extra payment: note due ACK", to=noted, kind=Kind.ACK_EXTRA)

    def _extra_is_noted(self, purchase: Purchase, number: int) -> bool:
        return purchase.extras[number].row is not Row.NONE

    def refund_extra(self, at: View) -> Steps:
        """Ask for the refund of an extra payment; the key holds its session."""
        number = at.worker.number
        back = at.purchase.extras[number]._replace(money=Refund.DONE)
        given = at.purchase.with_extra(number, back)
        then = at.on("note_extra_refund")
        return at.stripe("stripe refund of an extra payment", then, to=given)

    def note_extra_refund(self, at: View) -> Steps:
        """Match by payment intent, so that only this payment's row moves."""
        extra = at.purchase.extras[at.worker.number]
        if extra.row is Row.DUE:
            done = at.purchase.with_extra(
                at.worker.number, extra._replace(row=Row.DONE)
            )
            return at.go("extra payment: due->done", to=done)
        return at.go("extra payment: no open row")

    def send_mail(self, at: View) -> Steps:
        if at.purchase.mail is Mail.DUE:
            return at.go("send mail", at.anew("mark_mail"))
        return at.go("send mail: not due")

    def mark_mail(self, at: View) -> Steps:
        if at.purchase.mail is Mail.DUE:
            return at.go("mark mail sent", to=at.purchase._replace(mail=Mail.SENT))
        return at.go("mark mail sent: already")
