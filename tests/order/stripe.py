"""Plays what truly happens at Stripe, and keeps what Stripe would tell of it.

The events carry the objects as they were then, so an event that comes late is stale.
"""

from dataclasses import replace
from typing import Final

from application.ports.payment_events import EventKind, EventObject, PaymentEvent
from domain.checkout import CheckoutSession, PaymentStatus, SessionStatus
from domain.disputes import FINAL_DISPUTE, DisputeState
from domain.purchase import Purchase
from domain.refunding import RefundReport, RefundStatus
from tests.application.world import World, session_of

PRICE: Final = 5_000  # of a class rep's place


class Stripe:
    """Ada's place as a class rep, and what Stripe would tell us of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.events: list[PaymentEvent] = []

    # --- Before the history ------------------------------------------------------

    async def opens_a_page(self) -> Purchase:
        return (await self.world.check_out(as_class_rep=True)).purchase

    async def was_paid_and_we_know(self) -> Purchase:
        """Begin where an event of the payment was heard; it may come again."""
        purchase = await self.opens_a_page()
        paid = self.takes_the_money(purchase)
        await self.world.tell(paid)
        return self.world.row(purchase)

    # --- The history ---------------------------------------------------------------

    def tells(self, kind: EventKind, subject: EventObject) -> None:
        self.events.append(self.world.event(subject, kind))

    def takes_the_money(
        self, purchase: Purchase, amount: int | None = None
    ) -> CheckoutSession:
        paid = self.world.payments.pay(session_of(purchase), amount)
        self.tells(EventKind.SESSION_COMPLETED, paid)
        return paid

    def takes_it_late(self, purchase: Purchase) -> CheckoutSession:
        """Break its word: take money on a page that it had closed."""
        over = self.world.session(purchase)
        paid = replace(
            over,
            status=SessionStatus.COMPLETE,
            payment_status=PaymentStatus.PAID,
            payment_intent=f"pi_{over.id}",
        )
        self.world.payments.plant(paid)
        self.tells(EventKind.SESSION_COMPLETED, paid)
        return paid

    def was_promised_the_money(self, purchase: Purchase) -> None:
        promised = self.world.payments.pay_later(session_of(purchase))
        self.tells(EventKind.SESSION_COMPLETED, promised)

    def refunds(
        self, session: CheckoutSession, amount: int | None = None
    ) -> RefundReport:
        """Refund as an admin does in the dashboard."""
        report = self.world.refunds.refund_outside(session.payment_intent or "", amount)
        self.tells(EventKind.REFUND_CREATED, report)
        return report

    def counts(self, session: CheckoutSession) -> None:
        charge = self.world.refunds.charge(session.payment_intent or "")
        self.tells(EventKind.CHARGE_REFUNDED, charge)

    def settles(
        self,
        refund: RefundReport,
        status: RefundStatus,
        kind: EventKind = EventKind.REFUND_UPDATED,
    ) -> None:
        self.tells(kind, self.world.refunds.settle(refund.id, status))

    def fails(self, refund: RefundReport) -> None:
        self.settles(refund, RefundStatus.FAILED, EventKind.REFUND_FAILED)

    def hears_the_bank(
        self,
        session: CheckoutSession,
        first: DisputeState,
        *later: DisputeState,
        amount: int = PRICE,
    ) -> None:
        """Let a bank open a dispute, and go through its states."""
        refunds = self.world.refunds
        opened = refunds.dispute(session.payment_intent or "", amount, state=first)
        self.tells(EventKind.DISPUTE_CREATED, opened)
        for state in later:
            is_over = state in FINAL_DISPUTE
            self.tells(
                EventKind.DISPUTE_CLOSED if is_over else EventKind.DISPUTE_UPDATED,
                refunds.move_dispute(opened.dispute.id, state),
            )

    def paid_session(self, purchase: Purchase) -> CheckoutSession:
        return self.world.session(purchase)
