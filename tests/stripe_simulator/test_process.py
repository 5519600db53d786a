import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import stripe

from entrypoints.stripe_simulator.__main__ import parse
from tests.servers.webhook_receiver import Receiver
from tests.waiting import eventually

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago; the command cannot tell which one it got."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        chosen: int = listener.getsockname()[1]
        return chosen


@pytest.fixture
async def http(port: int) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": "Bearer sk_test_process"}
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(url, headers=headers) as session:
        yield session


@asynccontextmanager
async def started(
    port: int, http: aiohttp.ClientSession, *options: str
) -> AsyncIterator[Process]:
    """Run the simulator as people do, from when it answers."""
    command = ["-W", "error", "-m", "entrypoints.stripe_simulator", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, *options, stdout=PIPE, stderr=PIPE
    )

    async def is_up() -> bool:
        try:
            async with http.get("/v1/events") as response:
                return response.status == 200
        except aiohttp.ClientConnectionError:
            return False

    try:
        await eventually(is_up, within=30)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def stopped(process: Process) -> str:
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(15):
        said, errors = await process.communicate()
    return (said + errors).decode()


async def test_the_command_serves_tells_and_stops(
    receiver: Receiver, port: int, http: aiohttp.ClientSession
) -> None:
    options = ["--webhook-url", receiver.url, "--webhook-secret", "whsec_process"]
    form = "amount=100&currency=usd&confirm=true&payment_method=pm_card_visa"
    async with started(port, http, *options) as process:
        async with http.post("/v1/payment_intents", data=form, headers=FORM) as paid:
            assert paid.status == 200
        async with http.post("/_simulator/webhooks/flush") as flushed:
            assert flushed.status == 200

        said = await stopped(process)

    assert said == f"Stripe simulator at http://127.0.0.1:{port}: no money moves.\n"

    assert process.returncode in {0, -signal.SIGTERM}
    assert len(receiver.types) == 2
    assert stripe.WebhookSignature.verify_header(
        receiver.bodies[0], receiver.signatures[0], "whsec_process"
    )


async def test_a_call_that_hangs_does_not_keep_the_process_alive(
    port: int, http: aiohttp.ClientSession
) -> None:
    async with started(port, http) as process:
        async with http.post("/_simulator/faults", json={"kind": "stall"}) as added:
            assert added.status == 201
        async with http.get("/v1/events") as stalled:
            await stopped(process)
            with pytest.raises(aiohttp.ClientPayloadError):
                await stalled.read()


def test_by_default_it_listens_on_loopback_and_tells_nobody() -> None:
    options = parse([])

    assert (options.host, options.port) == ("127.0.0.1", 12111)
    assert options.webhook_url == []


def test_several_endpoints_can_be_told() -> None:
    options = parse(
        ["--webhook-url", "http://a.test", "--webhook-url", "http://b.test"]
    )

    assert options.webhook_url == ["http://a.test", "http://b.test"]


async def test_a_memory_hands_sessions_and_keys_on_to_the_next_run(
    port: int, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    memory = ("--memory", str(tmp_path / "memory.json"))
    form = "mode=payment&success_url=https://shop.example/&" + "&".join(
        f"line_items[0]{field}"
        for field in (
            "[quantity]=1",
            "[price_data][currency]=usd",
            "[price_data][unit_amount]=100",
            "[price_data][product_data][name]=Choir",
        )
    )
    headers = {**FORM, "Idempotency-Key": "purchase-1"}

    async def create() -> tuple[str, str | None]:
        where = "/v1/checkout/sessions"
        async with http.post(where, data=form, headers=headers) as created:
            assert created.status == 200, await created.text()
            session = await created.json()
            return session["id"], created.headers.get("Idempotent-Replayed")

    async with started(port, http, *memory) as process:
        session, replayed = await create()
        assert replayed is None
        await stopped(process)

    async with started(port, http, *memory) as process:
        assert await create() == (session, "true")
        where = f"/v1/checkout/sessions/{session}/expire"
        async with http.post(where, headers=FORM) as expired:
            assert (await expired.json())["status"] == "expired"
        await stopped(process)
