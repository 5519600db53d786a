import base64
from email.utils import parsedate_to_datetime

import pytest
import stripe

from entrypoints.stripe_simulator.account import API_VERSION
from tests.servers.stripe_simulator import RunningSimulator
from tests.stripe_simulator.checkouts import SESSIONS, open_checkout


def basic(user: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:".encode()).decode()


@pytest.mark.parametrize("header", ["Bearer sk_test_x", basic("sk_test_x")])
async def test_any_test_key_will_do(simulator: RunningSimulator, header: str) -> None:
    status, _, _ = await simulator.call("GET", "/v1/events", Authorization=header)

    assert status == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer ",
        "Bearer sk_test_",
        "Bearer sk_live_0123456789abcdef",
        "Bearer pk_test_0123456789abcdef",
        "Basic !!!",
        basic("sk_live_0123456789abcdef"),
    ],
)
async def test_any_other_key_is_refused(
    simulator: RunningSimulator, header: str
) -> None:
    status, answer, _ = await simulator.call(
        "POST", "/v1/products", "name=Choir", Authorization=header
    )

    assert status == 401
    assert answer["error"]["type"] == "invalid_request_error"
    assert "0123456789ab" not in answer["error"]["message"]


async def test_the_sdk_calls_a_wrong_key_an_authentication_error(
    simulator: RunningSimulator,
) -> None:
    http = stripe.AIOHTTPClient()
    client = stripe.StripeClient(
        "sk_live_x", http_client=http, base_addresses={"api": simulator.url}
    )

    with pytest.raises(stripe.AuthenticationError):
        await client.v1.events.list_async()

    await http.close_async()  # type: ignore[no-untyped-call]


async def test_every_answer_says_when_and_which(simulator: RunningSimulator) -> None:
    _, _, headers = await simulator.call(
        "POST", "/v1/products", "name=Choir", Idempotency_Key="k"
    )
    _, _, pinned = await simulator.call(
        "GET", "/v1/nothing", Stripe_Version="2026-08-26.dahlia"
    )

    assert headers["Request-Id"].startswith("req_")
    assert headers["Request-Id"] != pinned["Request-Id"]
    assert headers["Idempotency-Key"] == "k"
    assert headers["Stripe-Version"] == API_VERSION
    assert pinned["Stripe-Version"] == "2026-08-26.dahlia"
    assert parsedate_to_datetime(pinned["Date"]).tzinfo is not None


async def test_the_date_is_the_simulated_one(simulator: RunningSimulator) -> None:
    _, _, now = await simulator.call("GET", "/v1/events")
    await simulator.advance(3600)
    _, _, later = await simulator.call("GET", "/v1/events")

    assert len(later.getall("Date")) == 1
    passed = parsedate_to_datetime(later["Date"]) - parsedate_to_datetime(now["Date"])
    assert 3600 <= passed.total_seconds() < 3660


async def test_an_unknown_path_is_not_found(simulator: RunningSimulator) -> None:
    status, answer, _ = await simulator.call("GET", "/v1/teapots")

    assert status == 404
    assert answer["error"]["message"] == (
        "Unrecognized request URL (GET: /v1/teapots)."
    )


async def test_the_log_tells_what_was_asked(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client, key="co:1")
    await client.v1.checkout.sessions.expire_async(session.id)

    [create, expire] = await simulator.requests()

    assert (create["method"], create["path"]) == ("POST", SESSIONS)
    assert (create["idempotency_key"], create["status"]) == ("co:1", 200)
    assert create["params"]["client_reference_id"] == "purchase-1"
    assert expire["operation"] == f"{SESSIONS}/{{id}}/expire"
    assert await simulator.count(f"POST {SESSIONS}") == 1
    only = await simulator.control("GET", f"/requests?path={SESSIONS}&method=POST")
    assert [entry["path"] for entry in only["data"]] == [SESSIONS]


async def test_a_reset_forgets_everything(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client, key="co:1")
    await simulator.fault("status", count=None, path="/v1/refunds")
    await simulator.webhooks(duplicates=3, paused=True)
    await simulator.advance(1000)

    await simulator.control("POST", "/reset")

    assert await simulator.requests() == []
    assert (await client.v1.checkout.sessions.list_async()).data == []
    assert (await open_checkout(client, key="co:1")).id != session.id
    habits = await simulator.control("GET", "/webhooks")
    assert (habits["duplicates"], habits["paused"]) == (0, False)
    assert (await simulator.control("GET", "/faults"))["data"] == []
    clock = await simulator.control("POST", "/clock")
    assert clock["offset"] == 0


async def test_the_clock_can_be_set_and_moved(simulator: RunningSimulator) -> None:
    await simulator.control("POST", "/clock", offset=100)

    clock = await simulator.control("POST", "/clock", advance=50)

    assert clock["offset"] == 150
