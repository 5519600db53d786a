import asyncio

import aiohttp
import pytest
import stripe

from entrypoints.stripe_simulator.account import JsonObject
from entrypoints.stripe_simulator.faults import Kind
from tests.servers.stripe_simulator import API_KEY, RunningSimulator
from tests.stripe_simulator.checkouts import SESSIONS, open_checkout
from tests.stripe_simulator.refusing import refused

CREATE = f"POST {SESSIONS}"


async def opened(client: stripe.StripeClient) -> int:
    return len((await client.v1.checkout.sessions.list_async()).data)


async def test_a_connection_dropped_before_has_no_effect(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await simulator.fault("drop_before", path=SESSIONS, method="POST")

    with refused(stripe.APIConnectionError):
        await open_checkout(client)

    assert await opened(client) == 0
    [entry, _] = await simulator.requests()
    assert (entry["status"], entry["fault"]) == (None, "drop_before")
    assert await simulator.count(CREATE) == 1


async def test_a_connection_dropped_after_had_its_effect(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await simulator.fault("drop_after", path=SESSIONS, method="POST")

    with refused(stripe.APIConnectionError):
        await open_checkout(client, key="co:1")

    assert await opened(client) == 1
    again = await open_checkout(client, key="co:1")
    assert again.status == "open"
    assert await opened(client) == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
async def test_a_dropped_connection_carries_not_one_byte(
    simulator: RunningSimulator, kind: Kind
) -> None:
    await simulator.fault(kind)
    host, port = simulator.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"GET /v1/events HTTP/1.1\r\nHost: {host}\r\n"
    writer.write(f"{head}Authorization: Bearer {API_KEY}\r\n\r\n".encode())

    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_a_stalled_answer_had_its_effect_and_never_ends(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await simulator.fault("stall", path=SESSIONS, method="POST")
    form = (
        "mode=payment&success_url=https://shop.example/ok&line_items[0][quantity]=1"
        "&line_items[0][price_data][currency]=usd"
        "&line_items[0][price_data][unit_amount]=900"
        "&line_items[0][price_data][product_data][name]=Choir"
    )
    headers = {"Authorization": f"Bearer {API_KEY}"}

    # Not with the SDK: it leaves such a connection open behind it.
    async with simulator.http.post(
        f"{simulator.url}{SESSIONS}",
        data=form,
        headers={**headers, "Content-Type": "application/x-www-form-urlencoded"},
    ) as response:
        assert response.status == 200
        begun = await response.content.readany()
        assert 0 < len(begun) < int(response.headers["Content-Length"])
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await response.content.readany()

    assert await opened(client) == 1


async def test_a_delay_only_delays(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await simulator.fault("delay", seconds=0.2)
    loop = asyncio.get_running_loop()
    begun = loop.time()

    session = await open_checkout(client)

    assert session.status == "open"
    assert loop.time() - begun >= 0.2


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (500, stripe.APIError, None),
        (503, stripe.APIError, None),
        (409, stripe.APIError, "idempotency_key_in_use"),
        (429, stripe.RateLimitError, "rate_limit"),
    ],
)
async def test_an_error_status_has_no_effect(
    client: stripe.StripeClient,
    simulator: RunningSimulator,
    *,
    status: int,
    error: type[stripe.StripeError],
    code: str | None,
) -> None:
    await simulator.fault("status", status=status)

    with refused(error) as refusal:
        await open_checkout(client)

    assert (refusal.status, refusal.code) == (status, code)
    assert await opened(client) == 0


async def test_a_fault_meets_only_the_path_it_names(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await simulator.fault("status", path=f"{SESSIONS}/*/expire")
    session = await open_checkout(client)
    await client.v1.checkout.sessions.retrieve_async(session.id)

    with refused(stripe.APIError):
        await client.v1.checkout.sessions.expire_async(session.id)

    assert (await client.v1.checkout.sessions.expire_async(session.id)).url is None


async def test_a_fault_meets_only_the_method_it_names(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await simulator.fault("status", method="POST")
    assert await opened(client) == 0

    with refused(stripe.APIError):
        await open_checkout(client)


async def test_a_fault_skips_and_counts(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await simulator.fault("status", skip=1, count=2)
    await open_checkout(client)
    for _ in range(2):
        with refused(stripe.APIError):
            await open_checkout(client)

    await open_checkout(client)

    assert await opened(client) == 2


async def test_a_fault_without_a_count_lasts_until_it_is_cleared(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await simulator.fault("status", count=None)
    for _ in range(3):
        with refused(stripe.APIError):
            await open_checkout(client)
    listed = await simulator.control("GET", "/faults")
    assert [fault["kind"] for fault in listed["data"]] == ["status"]

    await simulator.clear_faults()

    assert (await open_checkout(client)).status == "open"


@pytest.mark.parametrize("order", [{"kind": "earthquake"}, {"kind": "stall", "x": 1}])
async def test_a_mistyped_fault_is_refused(
    simulator: RunningSimulator, order: JsonObject
) -> None:
    with pytest.raises(RuntimeError):
        await simulator.control("POST", "/faults", **order)


async def test_retries_of_the_sdk_open_one_session(
    simulator: RunningSimulator,
) -> None:
    http = stripe.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=5))
    stubborn = stripe.StripeClient(
        API_KEY,
        http_client=http,
        max_network_retries=2,
        base_addresses={"api": simulator.url},
    )
    await simulator.fault("drop_after", path=SESSIONS)

    session = await open_checkout(stubborn)

    assert session.status == "open"
    assert await simulator.count(CREATE) == 2
    assert await opened(stubborn) == 1
    await http.close_async()  # type: ignore[no-untyped-call]
