"""What Stripe, banks and people do of their own accord."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.model.configuration import Configuration
from tests.model.vocabulary import (
    ACTIVE,
    DASHBOARD,
    DISPUTED,
    EVERY,
    EXTRAS,
    HAS_FAILED,
    MONEY_CAME,
    PRICE,
    Dispute,
    Extra,
    Purchase,
    Refund,
    Session,
    Status,
)


class Event(NamedTuple):
    label: str
    purchase: Purchase  # as it is afterwards
    is_fair: bool = False  # it happens at last, whatever else stops


class World:
    def __init__(self, configuration: Configuration) -> None:
        self.having = configuration

    def events(self, purchase: Purchase) -> Iterator[Event]:
        if purchase.status is Status.ABSENT:
            return
        yield from self._session(purchase)
        yield from self._rogue_money(purchase)
        for number in EXTRAS:
            yield from self._extra_money(purchase, number)
        yield from self._dashboard(purchase)
        for number in EVERY:
            yield from self._refund(purchase, number)
        yield from self._bank(purchase)

    def _session(self, purchase: Purchase) -> Iterator[Event]:
        def becomes(session: Session) -> Purchase:
            return purchase._replace(session=session)

        match purchase.session:
            case Session.OPEN:
                yield from self._buyer(purchase)
                # A closed purchase may not wait for that: somebody has to expire it.
                is_fair = purchase.status is not Status.CLOSED
                expired = becomes(Session.EXPIRED)
                yield Event("stripe expires the session", expired, is_fair)
            case Session.PROCESSING:
                yield Event(
                    "delayed payment clears", becomes(Session.PAID), is_fair=True
                )
                yield Event(
                    "delayed payment fails", becomes(Session.UNPAID), is_fair=True
                )
            case Session.NONE if purchase.choice not in self.having.free:
                yield Event(
                    "create window closes", becomes(Session.REJECTED), is_fair=True
                )

    def _buyer(self, purchase: Purchase) -> Iterator[Event]:
        if not (self.having.pays_unseen or purchase.url_shown):
            return
        yield Event("buyer pays", purchase._replace(session=Session.PAID))
        if self.having.wrong_amounts:
            wrong = purchase._replace(session=Session.WRONG)
            yield Event("buyer pays a wrong amount", wrong)
        if self.having.delayed:
            processing = purchase._replace(session=Session.PROCESSING)
            yield Event("buyer pays by a delayed method", processing)

    def _rogue_money(self, purchase: Purchase) -> Iterator[Event]:
        is_shut = purchase.session in {Session.EXPIRED, Session.REJECTED}
        is_closed = purchase.status is Status.CLOSED
        if self.having.rogue and is_shut and is_closed and not any(purchase.rows):
            paid = purchase._replace(session=Session.PAID)
            yield Event("money comes for a closed purchase", paid)

    def _extra_money(self, purchase: Purchase, number: int) -> Iterator[Event]:
        extra = purchase.extras[number]
        if extra.money is Refund.NONE and self._may_be_paid_again(purchase, number):
            paid = purchase.with_extra(number, extra._replace(money=Refund.PENDING))
            yield Event("one more payment comes", paid)
        if extra.money is Refund.PENDING:
            back = purchase.with_extra(number, extra._replace(money=Refund.DONE))
            yield Event("dashboard refund of an extra payment", back)

    def _may_be_paid_again(self, purchase: Purchase, number: int) -> bool:
        over = (Status.COMPLETED, Status.REFUNDED, Status.CLOSED)
        earlier = purchase.extras[:number]
        return (
            number < self.having.extra_payments
            and purchase.status in over
            and purchase.session_saved
            and Extra() not in earlier
        )

    def _dashboard(self, purchase: Purchase) -> Iterator[Event]:
        is_refundable = (
            self.having.dashboard
            and purchase.session in MONEY_CAME
            and purchase.refunds[DASHBOARD] is Refund.NONE
            and purchase.dispute not in DISPUTED
        )
        if not is_refundable:
            return
        left = PRICE - purchase.refunds_sum(*ACTIVE)
        for amount in (PRICE, PRICE // 2) if self.having.partial else (PRICE,):
            if amount <= left:
                yield from self._dashboard_refund(purchase, amount)

    def _dashboard_refund(self, purchase: Purchase, amount: int) -> Iterator[Event]:
        done = purchase.with_refund(DASHBOARD, Refund.DONE, amount)
        yield Event("dashboard refund", done)
        if self.having.pending_refunds:
            pending = purchase.with_refund(DASHBOARD, Refund.PENDING, amount)
            yield Event("dashboard refund, pending", pending)

    def _refund(self, purchase: Purchase, number: int) -> Iterator[Event]:
        failed_before = any(refund in HAS_FAILED for refund in purchase.refunds)
        may_fail = self.having.failing_refunds and not failed_before
        refund = purchase.refunds[number]
        if refund is Refund.PENDING:
            done = purchase.with_refund(number, Refund.DONE)
            yield Event("stripe's refund succeeds", done, is_fair=True)
            if may_fail:
                failed = purchase.with_refund(number, Refund.FAILED)
                yield Event("stripe's refund fails", failed)
        if refund is Refund.DONE and may_fail:
            failed = purchase.with_refund(number, Refund.FAILED_LATE)
            yield Event("stripe's refund fails after success", failed)

    def _bank(self, purchase: Purchase) -> Iterator[Event]:
        def becomes(dispute: Dispute) -> Purchase:
            return purchase._replace(dispute=dispute)

        is_paid = purchase.session in MONEY_CAME
        is_kept = purchase.refunds_sum(Refund.DONE) < PRICE
        if purchase.dispute is Dispute.OPEN:
            yield Event("dispute won", becomes(Dispute.WON), is_fair=True)
            yield Event("dispute lost", becomes(Dispute.LOST), is_fair=True)
            yield Event(
                "dispute lost in part", becomes(Dispute.LOST_IN_PART), is_fair=True
            )
        elif self.having.disputes and is_paid and is_kept and not purchase.dispute:
            yield Event("the bank opens a dispute", becomes(Dispute.OPEN))
