"""The provider's lists in memory."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from application.ports.payment_events import PaymentEvent
from domain.checkout import CheckoutSession
from domain.disputes import DisputeReport
from domain.refunding import RefundReport
from entrypoints.simulation.outside.payments import FakePaymentGateway, whole
from entrypoints.simulation.outside.refunds import FakeRefundGateway

EVENTS_KEPT: Final = timedelta(days=30)

Row = TypeVar("Row")


@dataclass(kw_only=True)
class FakePaymentHistory:
    """Lists what `payments` and `refunds` have, past the gate of `payments`."""

    payments: FakePaymentGateway
    refunds: FakeRefundGateway

    async def sessions_since(
        self, since: datetime
    ) -> AsyncGenerator[CheckoutSession, None]:
        def act() -> list[CheckoutSession]:
            rows = self.payments.sessions.values()
            return _latest_first(s for s in rows if s.created_at >= whole(since))

        for session in await self.payments.ask("sessions_since", act):
            yield session

    async def refunds_since(
        self, since: datetime
    ) -> AsyncGenerator[RefundReport, None]:
        def act() -> list[RefundReport]:
            rows = self.refunds.refunds.values()
            return _latest_first(r for r in rows if r.created_at >= whole(since))

        for refund in await self.payments.ask("refunds_since", act):
            yield refund

    async def disputes_since(
        self, since: datetime
    ) -> AsyncGenerator[DisputeReport, None]:
        def act() -> list[DisputeReport]:
            rows = self.refunds.disputes.values()
            return _latest_first(r for r in rows if r.dispute.opened_at >= whole(since))

        for dispute in await self.payments.ask("disputes_since", act):
            yield dispute

    async def events_since(self, since: datetime) -> AsyncGenerator[PaymentEvent, None]:
        def act() -> list[PaymentEvent]:
            rows = self.payments.events.values()
            return _latest_first(
                e for e in rows if e.created_at >= whole(since) and self._is_kept(e)
            )

        for event in await self.payments.ask("events_since", act):
            yield event

    async def dispute(self, dispute_id: str) -> DisputeReport | None:
        return await self.payments.ask(
            "dispute", lambda: self.refunds.disputes.get(dispute_id)
        )

    async def event(self, event_id: str) -> PaymentEvent | None:
        def act() -> PaymentEvent | None:
            event = self.payments.events.get(event_id)
            return event if event is not None and self._is_kept(event) else None

        return await self.payments.ask("event", act)

    def _is_kept(self, event: PaymentEvent) -> bool:
        return event.created_at >= self.payments.now() - EVENTS_KEPT


def _latest_first(rows: Iterable[Row]) -> list[Row]:
    return list(reversed(list(rows)))
