"""Two calls of Stripe's, as plain HTTP."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import msgspec

HOLD: Final = timedelta(minutes=35)
CONNECTIONS: Final = 20
KEPT: Final = 2  # seconds: Stripe hangs up later, and nobody here asks twice
TIMEOUT: Final = aiohttp.ClientTimeout(total=20)


class Session(msgspec.Struct):
    id: str
    url: str | None
    status: str
    expires_at: int


SESSION: Final = msgspec.json.Decoder(Session)


class Stripe:
    """Opens and expires checkout sessions; anything but a success raises."""

    def __init__(self, base: str, *, key: str) -> None:
        self._base = base
        self._headers = {"Authorization": f"Bearer {key}"}

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEPT),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=TIMEOUT,
            raise_for_status=True,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def create(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Open a page for a purchase; the same purchase always has the same page."""
        until = datetime.now(UTC) + HOLD
        async with self._http.post(
            f"{self._base}/v1/checkout/sessions",
            data=_form(row, until=until),
            headers={"Idempotency-Key": f"floor-{row['_id']}"},
        ) as answer:
            session = SESSION.decode(await answer.read())
        return {"id": session.id, "url": session.url, "expires_at": until}

    async def expire(self, session_id: str) -> None:
        path = f"/v1/checkout/sessions/{session_id}/expire"
        async with self._http.post(f"{self._base}{path}") as answer:
            SESSION.decode(await answer.read())


def _form(row: Mapping[str, Any], *, until: datetime) -> dict[str, str]:
    price = "line_items[0][price_data]"
    pages = "http://127.0.0.1:8000/purchase"
    return {
        "mode": "payment",
        "client_reference_id": row["_id"],
        "customer_email": row["buyer"]["email"],
        "expires_at": str(int(until.timestamp())),
        "line_items[0][quantity]": "1",
        f"{price}[currency]": row["currency"],
        f"{price}[unit_amount]": str(row["amount"]),
        f"{price}[product_data][name]": row["title"],
        "metadata[purchase_id]": row["_id"],
        "payment_intent_data[metadata][purchase_id]": row["_id"],
        "success_url": f"{pages}/success?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{pages}/cancel?purchase_id={row['_id']}",
    }
