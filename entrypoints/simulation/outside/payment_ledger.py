"""The provider's books in memory, told from what it remembers to have happened."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.checkout import CheckoutSession
from domain.disputes import Dispute, DisputeReport, DisputeState
from domain.ledger import COMES_IN, Movement, MovementKind, Sum, Trace
from domain.refunding import RefundReport, RefundStatus
from entrypoints.simulation.outside.payments import FakePaymentGateway
from entrypoints.simulation.outside.refunds import CAME_TO_NOTHING

TAKEN: Final = frozenset(
    {DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW, DisputeState.LOST}
)


@dataclass(kw_only=True)
class FakePaymentLedger:
    """Shares the gate, the clock, the calls and the losses of `payments`."""

    payments: FakePaymentGateway

    async def movements(
        self, since: datetime, until: datetime
    ) -> AsyncGenerator[Movement, None]:
        def act() -> list[Movement]:
            return [m for m in self.booked() if since <= m.at < until]

        for movement in reversed(await self.payments.ask("movements", act)):
            yield movement

    async def movements_of(self, payment_intent: str) -> Sequence[Movement]:
        def act() -> list[Movement]:
            return [m for m in self.booked() if m.payment_intent == payment_intent]

        return await self.payments.ask("movements_of", act)

    def booked(self) -> list[Movement]:
        """Return all that ever moved, in order."""
        moved: dict[Trace, Movement] = {}
        for event in self.payments.events.values():
            for movement in self._of(event.subject, event.created_at, moved):
                moved.setdefault(movement.trace, movement)
        for session in self.payments.sessions.values():  # also where none was told
            for movement in self._of(session, session.created_at, moved):
                moved.setdefault(movement.trace, movement)
        return sorted(moved.values(), key=lambda movement: movement.at)

    def _of(
        self, subject: object, at: datetime, moved: dict[Trace, Movement]
    ) -> Iterator[Movement]:
        match subject:
            case CheckoutSession():
                yield from self._of_session(subject, at)
            case RefundReport():
                yield from self._of_refund(subject, at, moved)
            case DisputeReport():
                yield from self._of_dispute(subject, at, moved)

    def _of_session(self, session: CheckoutSession, at: datetime) -> Iterator[Movement]:
        if session.is_paid and session.payment_intent is not None:
            yield _movement(
                MovementKind.PAYMENT,
                f"ch_{session.payment_intent}",
                session.payment_intent,
                Sum(amount=session.amount_total, currency=session.currency),
                at=at,
                purchase_id=session.purchase_id,
                app=session.app,
                environment=session.environment,
            )

    def _of_refund(
        self, refund: RefundReport, at: datetime, moved: dict[Trace, Movement]
    ) -> Iterator[Movement]:
        if refund.status is RefundStatus.SUCCEEDED:
            kind = MovementKind.REFUND
        elif refund.status in CAME_TO_NOTHING and _has(moved, refund.id):
            kind = MovementKind.REFUND_FAILURE
        else:
            return
        yield _movement(
            kind,
            refund.id,
            refund.payment_intent,
            Sum(amount=refund.amount, currency=refund.currency),
            at=at,
            purchase_id=refund.purchase_id,
            app=refund.app,
            environment=refund.environment,
        )

    def _of_dispute(
        self, report: DisputeReport, at: datetime, moved: dict[Trace, Movement]
    ) -> Iterator[Movement]:
        dispute = report.dispute
        if dispute.state in TAKEN:
            kind = MovementKind.DISPUTE
        elif dispute.state is DisputeState.WON and _has(moved, dispute.id):
            kind = MovementKind.DISPUTE_REVERSAL
        else:
            return
        intent = report.payment_intent
        yield _movement(kind, dispute.id, intent, _sum(dispute), at=at)


def _sum(dispute: Dispute) -> Sum:
    return Sum(amount=dispute.amount.amount, currency=dispute.amount.currency.code)


def _has(moved: dict[Trace, Movement], subject: str) -> bool:
    given = {(MovementKind.REFUND, subject), (MovementKind.DISPUTE, subject)}
    return bool(given & moved.keys())


def _movement(
    kind: MovementKind, subject: str, payment_intent: str, size: Sum, **of: Any
) -> Movement:
    sign = 1 if kind in COMES_IN else -1
    return Movement(
        id=f"txn_{kind}_{subject}",
        kind=kind,
        subject=subject,
        payment_intent=payment_intent,
        sum=Sum(amount=sign * size.amount, currency=size.currency),
        **of,
    )
