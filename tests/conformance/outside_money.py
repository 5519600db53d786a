"""What banks and the dashboard do with a payment that completes its purchase."""

from collections.abc import Callable, Iterator
from random import Random

from domain.checkout import CheckoutSession
from domain.disputes import Dispute, DisputeState
from domain.money import Money
from domain.purchase import Purchase, Status
from domain.refunding import RefundReport, RefundStatus
from tests.conformance.stage import Stage

DASHBOARD, DISPUTED, FAILS = 0.2, 0.1, 0.25  # at each look at a payment
Act = tuple[str, Callable[[], object]]


class OutsideMoney:
    """Offers what may happen now to the money of a session."""

    def __init__(self, stage: Stage, random: Random) -> None:
        self._stage = stage
        self._treasury = stage.treasury
        self._random = random

    def acts_on(self, session: CheckoutSession) -> Iterator[Act]:
        assert session.purchase_id is not None
        row = self._stage.store.rows[session.purchase_id]
        intent = session.payment_intent or ""
        refunds = self._treasury.listed(intent)
        for refund in refunds:
            yield from self._acts_on_refund(refund, refunds)
        if row.status is Status.CLOSED:
            yield from self._dashboard_of_late_money(session, row)
        elif session.amount_total == row.quote.total.amount:
            yield from self._acts_on_payment(session, refunds)

    def _dashboard_of_late_money(
        self, session: CheckoutSession, row: Purchase
    ) -> Iterator[Act]:
        """Give all of it back at once: the code has no row for less than that."""
        intent = session.payment_intent or ""
        is_tried = any(extra.tries for extra in row.extra_payments)
        is_right = session.amount_total == row.quote.total.amount
        if not (is_right or row.extra_payments):
            return  # only its row says that a wrong amount is all of it
        if is_tried or self._treasury.listed(intent):
            return
        if self._random.random() < DASHBOARD:
            word = RefundStatus.SUCCEEDED
            yield (
                "dashboard refund",
                lambda: self._treasury.refund_as(intent, session.amount_total, word),
            )

    def _acts_on_payment(
        self, session: CheckoutSession, refunds: list[RefundReport]
    ) -> Iterator[Act]:
        intent = session.payment_intent or ""
        dispute = self._treasury.dispute_of(intent)
        is_free = dispute is None or dispute.state is DisputeState.WON
        if is_free and self._random.random() < DASHBOARD:
            yield from self._dashboard(session, refunds)
        if dispute is None:
            yield from self._bank(session, refunds)
        elif dispute.state is DisputeState.NEEDS_RESPONSE:
            yield from self._decisions(dispute)

    def _acts_on_refund(
        self, refund: RefundReport, others: list[RefundReport]
    ) -> Iterator[Act]:
        may_fail = self._random.random() < FAILS and all(
            each.status is not RefundStatus.FAILED for each in others
        )
        settle, named = self._treasury.settle, refund.id
        if refund.status is RefundStatus.PENDING:
            yield (
                "stripe's refund succeeds",
                lambda: settle(named, RefundStatus.SUCCEEDED),
            )
            if may_fail:
                yield (
                    "stripe's refund fails",
                    lambda: settle(named, RefundStatus.FAILED),
                )
        elif refund.status is RefundStatus.SUCCEEDED and may_fail:
            yield (
                "stripe's refund fails after success",
                lambda: settle(named, RefundStatus.FAILED),
            )

    def _dashboard(
        self, session: CheckoutSession, refunds: list[RefundReport]
    ) -> Iterator[Act]:
        if any(refund.row_id is None for refund in refunds):
            return
        intent, paid = session.payment_intent or "", session.amount_total
        left = paid - self._treasury.given_back(intent)
        amount = self._random.choice((paid, paid // 2))
        if amount <= left:
            is_slow = self._stage.refund_word() is RefundStatus.PENDING
            label = "dashboard refund, pending" if is_slow else "dashboard refund"
            word = RefundStatus.PENDING if is_slow else RefundStatus.SUCCEEDED
            yield label, lambda: self._treasury.refund_as(intent, amount, word)

    def _bank(
        self, session: CheckoutSession, refunds: list[RefundReport]
    ) -> Iterator[Act]:
        done = (r.amount for r in refunds if r.status is RefundStatus.SUCCEEDED)
        if sum(done) < session.amount_total and self._random.random() < DISPUTED:
            intent = session.payment_intent or ""
            yield "the bank opens a dispute", lambda: self._treasury.dispute(intent)

    def _decisions(self, dispute: Dispute) -> Iterator[Act]:
        move, named = self._treasury.move_dispute, dispute.id
        half = Money(dispute.amount.amount // 2, dispute.amount.currency)
        yield "dispute won", lambda: move(named, DisputeState.WON)
        yield "dispute lost", lambda: move(named, DisputeState.LOST)
        yield (
            "dispute lost in part",
            lambda: self._treasury.lose_in_part(named, half),
        )
