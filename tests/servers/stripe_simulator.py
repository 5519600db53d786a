"""A Stripe simulator for a test: real sockets, its own port, every message checked."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy

from entrypoints.stripe_simulator.account import JsonObject
from entrypoints.stripe_simulator.app import create_simulator
from entrypoints.stripe_simulator.faults import Kind
from entrypoints.stripe_simulator.server import simulator_server
from entrypoints.stripe_simulator.simulator import SimulatorConfig
from tests.requirements import must_have_tools, require_tool
from tests.servers.in_process import served
from tests.servers.stripe_contract import WHEEL, StripeContract, stripe_description

WEBHOOK_SECRET = "whsec_tests"
API_KEY = "sk_test_spothold"
BRISK = (0.01, 0.02, 0.04, 0.08)


class RunningSimulator:
    """Where the simulator listens, and its `/_simulator` controls as methods."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.http = http
        self.contract: StripeContract | None = None

    async def control(self, method: str, path: str, /, **body: Any) -> JsonObject:
        url = f"{self.url}/_simulator{path}"
        sent = body if method == "POST" else None
        async with self.http.request(method, url, json=sent) as response:
            answer: JsonObject = await response.json()
            if not response.ok:
                raise RuntimeError(answer)
            return answer

    async def fault(self, kind: Kind, **details: Any) -> None:
        """Add a fault; `entrypoints.stripe_simulator.faults.Fault` explains them."""
        await self.control("POST", "/faults", kind=kind, **details)

    async def clear_faults(self) -> None:
        await self.control("DELETE", "/faults")

    async def limit_rate(self, per_second: int) -> None:
        """Refuse with 429 what comes beyond that, as Stripe does."""
        await self.control("POST", "/rate", per_second=per_second)

    async def requests(self) -> list[JsonObject]:
        data: list[JsonObject] = (await self.control("GET", "/requests"))["data"]
        return data

    async def count(self, operation: str) -> int:
        """Count calls, named as `POST /v1/checkout/sessions/{id}/expire`."""
        counts = (await self.control("GET", "/requests"))["counts"]
        return int(counts.get(operation, 0))

    async def webhooks(self, **changes: Any) -> JsonObject:
        return await self.control("POST", "/webhooks", **changes)

    async def flush(self) -> list[JsonObject]:
        """Send what is held back, wait for all attempts, and return the attempts."""
        answer = await self.control("POST", "/webhooks/flush")
        deliveries: list[JsonObject] = answer["deliveries"]
        return deliveries

    async def advance(self, seconds: float) -> None:
        await self.control("POST", "/clock", advance=seconds)

    async def settle(self, session_id: str, outcome: str) -> None:
        path = f"/sessions/{session_id}/settle-delayed"
        await self.control("POST", path, outcome=outcome)

    async def settle_refund(self, refund_id: str, outcome: str) -> None:
        await self.control("POST", f"/refunds/{refund_id}/settle", outcome=outcome)

    async def call(
        self, method: str, path: str, form: str = "", **headers: str
    ) -> tuple[int, JsonObject, CIMultiDictProxy[str]]:
        """Call `/v1` without the SDK, which cannot be made to misbehave."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Authorization", f"Bearer {API_KEY}")
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        url = f"{self.url}{path}"
        async with self.http.request(method, url, data=form, headers=sent) as response:
            return response.status, await response.json(), response.headers

    async def press(
        self, session_id: str, button: str, **fields: str
    ) -> tuple[int, str]:
        """Press a button on the payment page; return the status and where it leads."""
        async with self.http.post(
            f"{self.url}/c/pay/{session_id}",
            data={"action": button, **fields},
            allow_redirects=False,
        ) as response:
            return response.status, response.headers.get("Location", "")


@asynccontextmanager
async def stripe_simulator(
    *,
    webhook_urls: Sequence[str] = (),
    webhook_secret: str = WEBHOOK_SECRET,
    retry_delays: tuple[float, ...] = BRISK,
) -> AsyncIterator[RunningSimulator]:
    """Serve a fresh simulator on loopback.

    All its traffic is held against Stripe's description, and leaving the block raises
    if anything broke it.  Without the description (`.ci/fetch-stripe-openapi`) nothing
    is checked, except where CI=true: there it fails.
    """
    contract = _contract()
    config = SimulatorConfig(
        webhook_urls=tuple(webhook_urls),
        webhook_secret=webhook_secret,
        retry_delays=retry_delays,
        settling_seconds=0.05,
        observer=contract,
    )
    async with _serving(config) as running:
        running.contract = contract
        yield running
    if contract is not None and contract.violations:
        raise AssertionError("\n".join(contract.violations))


def _contract() -> StripeContract | None:
    if not WHEEL.exists() and not must_have_tools():
        return None
    require_tool(WHEEL, fetch=".ci/fetch-stripe-openapi")
    return StripeContract(stripe_description())


@asynccontextmanager
async def _serving(config: SimulatorConfig) -> AsyncIterator[RunningSimulator]:
    server = simulator_server(create_simulator(config), host="127.0.0.1", port=0)
    async with (
        served(server) as url,
        aiohttp.ClientSession(
            # Shorter than the five seconds after which the simulator hangs up.
            connector=aiohttp.TCPConnector(keepalive_timeout=2)
        ) as http,
    ):
        yield RunningSimulator(url, http)
