"""Questions to Stripe that only `spothold doctor` asks."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import stripe

from adapters.stripe.errors import trouble_of
from adapters.stripe.events import KINDS
from adapters.stripe.patience import Patience
from adapters.stripe.sessions import flag, mapping, moment, name, text, whole_number
from adapters.stripe.transport import ProviderClock, SafeAIOHTTPClient, stripe_client
from application.ports.clock import Clock
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.probes import (
    Endpoint,
    ProviderRefusesUs,
    RightMissing,
    ToldEvent,
)

PAGE: Final = 100
ONE: Final = {"limit": 1}
FORBIDDEN: Final = 403
UNAUTHORIZED: Final = 401
# Stripe names the right in its message and nowhere else.
RIGHT: Final = re.compile(r"'(rak_[a-z_]+)'")

Answer = TypeVar("Answer")


class StripeProbe:
    """Has a line of its own, and no alerts: whoever asks is there to read the answer.

    Args:
        secret_key: of Stripe's API.
        api_base: where Stripe is.
        clock: ours.
        patience: how often and how long to ask.
    """

    api_version = stripe.api_version
    kinds = frozenset(KINDS)

    def __init__(
        self,
        secret_key: str,
        *,
        api_base: str,
        clock: Clock,
        patience: Patience | None = None,
    ) -> None:
        self._patience = patience or Patience(tries=2)
        self._is_named_live = "_live_" in secret_key
        self._ours = clock
        self._clock = ProviderClock(clock)
        self._http = SafeAIOHTTPClient(
            self._clock.observe, per_try=self._patience.per_try
        )
        client = stripe_client(secret_key, api_base=api_base, http=self._http)
        self._client = client.v1

    async def close(self) -> None:
        """Hang up."""
        await self._http.close_async()

    async def livemode(self) -> bool:
        try:
            answer = await self._ask("Balance", self._client.balance.retrieve_async)
        except RightMissing:
            return self._is_named_live  # a key that Stripe knows is named by Stripe
        return flag(answer.to_dict(), "livemode")

    async def skew(self) -> timedelta:
        with suppress(RightMissing):  # a refusal has a date, too
            await self._ask("Balance", self._client.balance.retrieve_async)
        return self._clock.now() - self._ours.now()

    async def missing_rights(self) -> Sequence[str]:
        missing: list[str] = []
        for right, ask in self._reads.items():
            try:
                await self._ask(right, lambda ask=ask: ask(ONE))  # type: ignore[misc]
            except RightMissing as error:
                missing.append(error.right)
        return missing

    async def endpoints(self) -> Sequence[Endpoint]:
        endpoints = self._client.webhook_endpoints
        answer = await self._ask(
            "Webhook Endpoints", lambda: endpoints.list_async({"limit": PAGE})
        )
        return [_endpoint(row) for row in _rows(answer)]

    async def told_since(self, since: datetime) -> Sequence[ToldEvent]:
        asked: Any = {
            "created": {"gte": int(since.timestamp())},
            "limit": PAGE,
            "types": list(KINDS),
        }
        events = self._client.events
        answer = await self._ask("Events", lambda: events.list_async(asked))
        return [_told(row) for row in _rows(answer)]

    @property
    def _reads(self) -> Mapping[str, Callable[[Any], Awaitable[object]]]:
        """Name what the service reads, as Stripe's dashboard names the rights."""
        v1 = self._client
        return {
            "Checkout Sessions": v1.checkout.sessions.list_async,
            "PaymentIntents": v1.payment_intents.list_async,
            "Charges": v1.charges.list_async,
            "Refunds": v1.refunds.list_async,
            "Disputes": v1.disputes.list_async,
            "Events": v1.events.list_async,
            "Balance transactions": v1.balance_transactions.list_async,
            "Webhook Endpoints": v1.webhook_endpoints.list_async,
        }

    async def _ask(self, right: str, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask with patience; say what an error means to who asks."""
        try:
            async with self._patience.deadline():
                return await self._patience.insist(ask)
        except Exception as error:
            trouble = trouble_of(error)
            if trouble.status == FORBIDDEN:
                raise RightMissing(_right(right, error)) from error
            if trouble.status == UNAUTHORIZED:
                raise ProviderRefusesUs from error
            raise PaymentGatewayUnavailable(trouble.reason) from error


def _rows(answer: stripe.ListObject[Any]) -> Sequence[object]:
    rows = answer.to_dict().get("data")
    if not isinstance(rows, list):
        raise PaymentGatewayUnavailable("data")
    return rows


def _right(right: str, error: Exception) -> str:
    found = RIGHT.search(str(error))
    return f"{right} ({found[1]})" if found else right


def _endpoint(data: object) -> Endpoint:
    row = mapping(data, "webhook_endpoint")
    return Endpoint(
        id=name(row, "id"),
        url=text(row, "url") or "",
        is_enabled=text(row, "status") == "enabled",
        kinds=frozenset(row.get("enabled_events") or ()),
        api_version=text(row, "api_version"),
        livemode=flag(row, "livemode"),
    )


def _told(data: object) -> ToldEvent:
    row = mapping(data, "event")
    return ToldEvent(
        id=name(row, "id"),
        created_at=moment(row, "created"),
        untold=whole_number(row, "pending_webhooks"),
    )
