"""What Stripe remembers: lists of what was made since, and events one by one."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import datetime
from typing import Final, TypeVar

import stripe

from adapters.stripe.calls import Calls
from adapters.stripe.errors import Unreadable, trouble_of
from adapters.stripe.events import KINDS, event_of
from adapters.stripe.listing import ListCall, listed
from adapters.stripe.reports import dispute_report_of, refund_report_of
from adapters.stripe.sessions import is_marked_ours, session_of
from application.ports.payment_events import EventKind, PaymentEvent
from domain.checkout import CheckoutSession
from domain.disputes import DisputeReport
from domain.refunding import RefundReport

GONE: Final = "resource_missing"

Found = TypeVar("Found")
OurMark = Callable[[object], bool]
RetrieveCall = Callable[[str], Awaitable[stripe.StripeObject]]


def _always(_data: object) -> bool:
    return True


class StripePaymentHistory:
    """Shares the line of a `StripePaymentGateway`, which closes it.

    Args:
        client: the SDK's.
        calls: how to ask.
    """

    def __init__(self, client: stripe.StripeClient, *, calls: Calls) -> None:
        self._sessions = client.v1.checkout.sessions
        self._refunds = client.v1.refunds
        self._disputes = client.v1.disputes
        self._events = client.v1.events
        self._calls = calls

    def sessions_since(self, since: datetime) -> AsyncGenerator[CheckoutSession, None]:
        return self._since(
            since, "sessions_since", self._sessions.list_async, session_of
        )

    def refunds_since(self, since: datetime) -> AsyncGenerator[RefundReport, None]:
        return self._since(
            since, "refunds_since", self._refunds.list_async, refund_report_of
        )

    def disputes_since(self, since: datetime) -> AsyncGenerator[DisputeReport, None]:
        return self._since(
            since, "disputes_since", self._disputes.list_async, dispute_report_of
        )

    async def events_since(self, since: datetime) -> AsyncGenerator[PaymentEvent, None]:
        found = self._since(
            since,
            "events_since",
            self._events.list_async,
            event_of,
            # What others have done reads as OTHER, so what cannot be read is ours.
            is_ours=_always,
            types=list(KINDS),
        )
        async with aclosing(found) as events:
            async for event in events:
                if event.kind is not EventKind.OTHER:
                    yield event

    async def dispute(self, dispute_id: str) -> DisputeReport | None:
        return await self._one(
            "dispute", dispute_id, self._disputes.retrieve_async, dispute_report_of
        )

    async def event(self, event_id: str) -> PaymentEvent | None:
        return await self._one("event", event_id, self._events.retrieve_async, event_of)

    async def _one(
        self, name: str, id_: str, ask: RetrieveCall, read: Callable[[object], Found]
    ) -> Found | None:
        """Return what bears the id; None where Stripe knows of nothing."""
        async with self._calls.call(name, id_):
            try:
                answer = await self._calls.patience.insist(lambda: ask(id_))
            except stripe.InvalidRequestError as error:
                if trouble_of(error).code == GONE:
                    return None
                raise
            return read(answer.to_dict())

    async def _since(
        self,
        since: datetime,
        name: str,
        ask: ListCall,
        read: Callable[[object], Found],
        *,
        is_ours: OurMark = is_marked_ours,
        **filters: object,
    ) -> AsyncGenerator[Found, None]:
        """Yield what was made since then and can be read, newest first."""
        parameters = {"created": {"gte": int(since.timestamp())}, **filters}
        pages = listed(ask, parameters, patience=self._calls.patience)
        async with aclosing(pages) as rows:
            while True:
                # Each row's page has its own deadline, the listener's work none.
                async with self._calls.call_about_many(name, since.isoformat()):
                    data = await anext(rows, None)
                if data is None:
                    return
                try:
                    found = read(data)
                except Unreadable as error:
                    if is_ours(data):
                        subject = str(data["id"])
                        await self._calls.complain(error, name=name, subject=subject)
                else:
                    yield found
