import time
from typing import Any

import pytest
import stripe

from tests.servers.stripe_simulator import RunningSimulator
from tests.servers.webhook_receiver import Receiver
from tests.stripe_simulator.checkouts import one_item, open_checkout
from tests.stripe_simulator.refusing import refused
from tests.waiting import eventually


async def test_a_session_opens_with_what_it_was_given(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client, cancel_url="https://shop.example/no")

    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_total, session.currency) == (2500, "usd")
    assert session.client_reference_id == "purchase-1"
    assert session.to_dict()["metadata"] == {"purchase_id": "purchase-1"}
    assert session.customer_email == "ada@example.org"
    assert session.cancel_url == "https://shop.example/no"
    assert session.payment_intent is None
    assert session.livemode is False
    assert session.url == f"{simulator.url}/c/pay/{session.id}"


async def test_a_session_is_found_again(client: stripe.StripeClient) -> None:
    session = await open_checkout(client)

    found = await client.v1.checkout.sessions.retrieve_async(session.id)

    assert found.to_dict() == session.to_dict()


async def test_an_unknown_session_is_not_found(client: stripe.StripeClient) -> None:
    with refused(stripe.InvalidRequestError) as refusal:
        await client.v1.checkout.sessions.retrieve_async("cs_test_nobody")

    assert (refusal.status, refusal.code) == (404, "resource_missing")
    assert refusal.message == "No such checkout.session: 'cs_test_nobody'"


async def test_line_items_are_listed_and_expanded(client: stripe.StripeClient) -> None:
    session = await open_checkout(client)
    assert "line_items" not in session

    listed = await client.v1.checkout.sessions.line_items.list_async(session.id)
    expanded = await client.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["line_items", "line_items.data.price.product"]}
    )

    [item] = listed.data
    assert (item.description, item.quantity, item.amount_total) == ("Choir", 2, 2500)
    assert expanded.line_items is not None
    assert expanded.line_items.data[0].id == item.id
    price = expanded.line_items.data[0].price
    assert price is not None
    assert isinstance(price.product, stripe.Product)
    assert price.product.name == "Choir"


async def test_what_is_no_object_cannot_be_expanded(
    client: stripe.StripeClient,
) -> None:
    session = await open_checkout(client)

    with refused() as refusal:
        await client.v1.checkout.sessions.retrieve_async(
            session.id, {"expand": ["currency"]}
        )

    assert "cannot be expanded (currency)" in refusal.message


async def test_a_session_can_be_about_a_price(client: stripe.StripeClient) -> None:
    product = await client.v1.products.create_async({"name": "Choir"})
    price = await client.v1.prices.create_async(
        {"product": product.id, "unit_amount": 700, "currency": "EUR"}
    )

    session = await open_checkout(
        client, line_items=[{"price": price.id, "quantity": 3}]
    )

    assert (session.amount_total, session.currency) == (2100, "eur")


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"mode": None}, "mode", "parameter_missing"),
        ({"mode": "subscription"}, "mode", None),
        ({"success_url": None}, "success_url", "parameter_missing"),
        ({"success_url": "shop.example"}, "success_url", "url_invalid"),
        ({"cancel_url": "nowhere"}, "cancel_url", "url_invalid"),
        ({"line_items": None}, "line_items", "parameter_missing"),
        ({"customer_email": "ada"}, "customer_email", "email_invalid"),
        ({"client_reference_id": "x" * 201}, "client_reference_id", None),
        ({"metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]", None),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]", None),
        ({"metadata": {f"k{n}": "v" for n in range(51)}}, "metadata", None),
        ({"ui_mode": "hosted"}, "ui_mode", None),
        ({"tip": "1"}, "tip", "parameter_unknown"),
        (
            {"payment_method_types": ["card"]},
            "payment_method_types",
            "parameter_unknown",
        ),
        (
            {"allowed_payment_method_types": ["cowries"]},
            "allowed_payment_method_types",
            None,
        ),
        (
            {"line_items": [{"price": "price_none", "quantity": 1}]},
            "line_items[0][price]",
            "resource_missing",
        ),
        (
            {"payment_intent_data": {"metadata": {"k": "v" * 501}}},
            "payment_intent_data[metadata][k]",
            None,
        ),
    ],
)
async def test_a_wrong_parameter_is_refused_by_name(
    client: stripe.StripeClient, changes: dict[str, Any], param: str, code: str | None
) -> None:
    with refused(stripe.InvalidRequestError) as refusal:
        await open_checkout(client, **changes)

    assert (refusal.status, refusal.param, refusal.code) == (400, param, code)


@pytest.mark.parametrize(
    ("item", "param"),
    [
        ({"quantity": 0}, "line_items[0][quantity]"),
        ({"quantity": "two"}, "line_items[0][quantity]"),
        ({"price_data": {"currency": "zzz"}}, "line_items[0][price_data][currency]"),
        ({"price_data": {"unit_amount": -1}}, "line_items[0][price_data][unit_amount]"),
        ({"price_data": {"color": "red"}}, "line_items[0][price_data][color]"),
    ],
)
async def test_a_wrong_line_item_is_refused_by_name(
    client: stripe.StripeClient, item: dict[str, Any], param: str
) -> None:
    price = {"currency": "usd", "unit_amount": 900, "product_data": {"name": "Choir"}}
    whole = {"quantity": 1, **item}
    whole["price_data"] = {**price, **item.get("price_data", {})}

    with refused(stripe.InvalidRequestError) as refusal:
        await open_checkout(client, line_items=[whole])

    assert refusal.param == param


async def test_at_most_a_hundred_line_items_are_taken(
    client: stripe.StripeClient,
) -> None:
    with refused() as refusal:
        await open_checkout(client, line_items=one_item(900, "usd") * 101)

    assert refusal.param == "line_items"


async def test_all_line_items_share_a_currency(client: stripe.StripeClient) -> None:
    items = one_item(900, "usd") + one_item(900, "eur")

    with refused() as refusal:
        await open_checkout(client, line_items=items)

    assert refusal.param == "line_items"


@pytest.mark.parametrize(
    ("smallest", "currency", "shown"),
    [
        (50, "usd", "$0.50"),
        (30, "gbp", "£0.30"),
        (50, "jpy", "¥50"),
        (50, "eur", "€0.50"),
    ],
)
async def test_too_little_is_refused_and_just_enough_is_not(
    client: stripe.StripeClient, smallest: int, currency: str, shown: str
) -> None:
    with refused(stripe.InvalidRequestError) as refusal:
        await open_checkout(client, line_items=one_item(smallest - 1, currency))
    session = await open_checkout(client, line_items=one_item(smallest, currency))

    assert (refusal.status, refusal.code) == (400, "amount_too_small")
    assert refusal.message.endswith(f"at least {shown} {currency}")
    assert session.amount_total == smallest


async def test_too_much_is_refused(client: stripe.StripeClient) -> None:
    with refused() as refusal:
        await open_checkout(client, line_items=one_item(100_000_000, "usd"))

    assert refusal.code == "amount_too_large"


@pytest.mark.parametrize(
    ("seconds", "wording"),
    [
        (30 * 60 - 5, "at least 30 minutes"),
        (24 * 3600 + 60, "less than 24 hours"),
    ],
)
async def test_expires_at_has_a_window(
    client: stripe.StripeClient, seconds: int, wording: str
) -> None:
    with refused(stripe.InvalidRequestError) as refusal:
        await open_checkout(client, expires_at=int(time.time()) + seconds)

    assert refusal.param == "expires_at"
    assert wording in refusal.message


async def test_without_expires_at_a_session_lasts_a_day(
    client: stripe.StripeClient,
) -> None:
    session = await open_checkout(client)

    assert session.expires_at == session.created + 24 * 3600


async def test_an_old_name_is_known_to_callers_not_pinned_to_its_removal(
    simulator: RunningSimulator,
) -> None:
    form = (
        "mode=payment&success_url=https://shop.example/ok&payment_method_types[]=card"
        "&line_items[0][price_data][currency]=usd&line_items[0][quantity]=1"
        "&line_items[0][price_data][unit_amount]=900"
        "&line_items[0][price_data][product_data][name]=Choir"
    )

    status, session, _ = await simulator.call("POST", "/v1/checkout/sessions", form)

    assert (status, session["payment_method_types"]) == (200, ["card"])


async def test_an_open_session_can_be_expired_once(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    session = await open_checkout(client)

    expired = await client.v1.checkout.sessions.expire_async(session.id)
    with refused(stripe.InvalidRequestError) as refusal:
        await client.v1.checkout.sessions.expire_async(session.id)

    assert (expired.status, expired.url) == ("expired", None)
    assert refusal.status == 400
    assert refusal.message == (
        'Only Checkout Sessions with a status in ["open"] can be expired. This '
        "Checkout Session has a status of expired."
    )
    await simulator.flush()
    assert receiver.types == ["checkout.session.expired"]


async def test_a_paid_session_cannot_be_expired(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    await simulator.press(session.id, "pay")

    with refused(stripe.InvalidRequestError) as refusal:
        await client.v1.checkout.sessions.expire_async(session.id)

    assert refusal.message.endswith("has a status of complete.")


async def test_a_session_expires_when_its_time_comes_and_not_before(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    session = await open_checkout(client, expires_at=int(time.time()) + 2000)

    await simulator.advance(1990)
    before = await client.v1.checkout.sessions.retrieve_async(session.id)
    await simulator.advance(10)
    after = await client.v1.checkout.sessions.retrieve_async(session.id)

    assert (before.status, after.status) == ("open", "expired")
    await simulator.flush()
    assert receiver.types == ["checkout.session.expired"]


async def test_a_session_expires_though_nobody_asks(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    session = await open_checkout(client, expires_at=int(time.time()) + 2000)
    await simulator.advance(1998)

    async def told() -> bool:
        return "checkout.session.expired" in receiver.types

    await eventually(told)
    assert receiver.events[0]["data"]["object"]["id"] == session.id
