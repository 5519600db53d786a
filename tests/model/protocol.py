"""The whole protocol: every step of a worker, and what may begin one."""

from collections.abc import Iterator
from inspect import getmembers, isfunction
from typing import NamedTuple

from tests.model.checkout import Checkout
from tests.model.closing import Closing
from tests.model.disputing import Disputing
from tests.model.payment import Payment
from tests.model.reconciling import Reconciling
from tests.model.refunding import Refunding
from tests.model.steps import Steps, View, WideView
from tests.model.vocabulary import (
    CANCELLABLE,
    DASHBOARD,
    EVERY,
    EXTRAS,
    HAS_FAILED,
    MONEY_CAME,
    UNPAID,
    Dispute,
    Mail,
    Purchase,
    Refund,
    Session,
    Status,
)


class Start(NamedTuple):
    """A request, an event or a job about a purchase that exists."""

    label: str
    step: str
    number: int = 0
    dispute: Dispute = Dispute.NONE
    is_fair: bool = False  # it goes on happening when everything else has stopped


class Protocol(Checkout, Closing, Payment, Refunding, Disputing, Reconciling):
    def wide_steps(self) -> set[str]:
        """Name the steps that look at more than their own purchase."""
        return {
            name
            for name, method in getmembers(type(self), isfunction)
            if method.__annotations__.get("at") is WideView
        }

    def run(self, at: View) -> Steps:
        steps: Steps = getattr(self, at.worker.step)(at)
        return steps

    def starts(self, purchase: Purchase) -> Iterator[Start]:
        """Whatever may begin; events come in any order, any number of times."""
        yield from self._requests(purchase)
        yield from self._events(purchase)
        for number in EVERY:
            yield from self._refund_events(purchase, number)
        yield from self._dispute_events(purchase)
        for number in EXTRAS:
            yield from self._extra_events(purchase, number)
        yield from self._jobs(purchase)

    def _requests(self, purchase: Purchase) -> Iterator[Start]:
        if purchase.status in CANCELLABLE:
            yield Start("cancel request", "begin_close")
        if purchase.status is Status.COMPLETED:
            yield Start("refund request", "request_refund")
            if self.having.partial and not self.is_free(purchase):
                yield Start("request for a partial refund", "request_part")
                yield Start("request for the whole price", "request_whole")
        is_verifiable = purchase.status in UNPAID and purchase.session_saved
        if self.having.verifies and is_verifiable:
            yield Start("verify-session", "retrieve")

    def _events(self, purchase: Purchase) -> Iterator[Start]:
        if purchase.session in MONEY_CAME:
            yield Start("event: completed", "settle")
        if purchase.session in {Session.EXPIRED, Session.UNPAID}:
            yield Start("event: expired", "expired")

    def _refund_events(self, purchase: Purchase, number: int) -> Iterator[Start]:
        if number != DASHBOARD and not self.having.has_odd_refunds:
            return
        refund = purchase.refunds[number]
        if refund in {Refund.DONE, Refund.FAILED_LATE}:  # may be old by now
            yield Start("event: refund succeeded", "note_done", number)
        if refund in HAS_FAILED:
            yield Start("event: refund failed", "note_failed", number)

    def _dispute_events(self, purchase: Purchase) -> Iterator[Start]:
        dispute, step = purchase.dispute, "note_dispute"
        if dispute is not Dispute.NONE:  # may be old by now
            yield Start("event: dispute opened", step, dispute=Dispute.OPEN)
        if dispute not in {Dispute.NONE, Dispute.OPEN}:
            yield Start("event: dispute closed", step, dispute=dispute)

    def _extra_events(self, purchase: Purchase, number: int) -> Iterator[Start]:
        money = purchase.extras[number].money
        if money is not Refund.NONE:
            yield Start("event: extra payment", "note_extra", number)
        if money is Refund.DONE:
            step = "note_extra_refund"
            yield Start("event: extra payment refunded", step, number)

    def _jobs(self, purchase: Purchase) -> Iterator[Start]:
        yield Start("reconcile", "reconcile", is_fair=True)
        if self.having.mails and purchase.mail is Mail.DUE:
            yield Start("mail job", "send_mail", is_fair=True)
