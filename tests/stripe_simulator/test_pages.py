import pytest
import stripe

from tests.servers.stripe_simulator import RunningSimulator
from tests.stripe_simulator.checkouts import one_item, open_checkout

NOTICE = "This is not Stripe:"


async def page(simulator: RunningSimulator, path: str) -> tuple[int, str]:
    async with simulator.http.get(f"{simulator.url}{path}") as response:
        assert response.content_type == "text/html"
        return response.status, await response.text()


async def test_the_page_shows_what_is_bought_and_the_buttons(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)

    status, html = await page(simulator, f"/c/pay/{session.id}")

    assert status == 200
    for shown in (
        "Choir",
        "$25.00",
        "ada@example.org",
        "\N{MULTIPLICATION SIGN} 2",
        "no money moves",
    ):
        assert shown in html
    for button in ("pay", "pay-later", "decline", "back"):
        assert f'id="{button}" name="action" value="{button}"' in html


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [(123456, "eur", "€1,234.56"), (5000, "jpy", "¥5,000"), (1500, "kwd", "KWD1.500")],
)
async def test_money_is_shown_as_its_currency_is_written(
    client: stripe.StripeClient,
    simulator: RunningSimulator,
    *,
    amount: int,
    currency: str,
    shown: str,
) -> None:
    session = await open_checkout(client, line_items=one_item(amount, currency))

    _, html = await page(simulator, f"/c/pay/{session.id}")

    assert shown in html.replace("\N{NO-BREAK SPACE}", "")


async def test_what_a_seller_writes_is_text_and_not_html(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    items = one_item(900, "usd", name="<script>alert(1)</script>")
    session = await open_checkout(client, line_items=items)

    _, html = await page(simulator, f"/c/pay/{session.id}")

    assert "<script>" not in html


async def test_a_buyer_who_pays_returns_to_the_shop(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)

    assert await simulator.press(session.id, "pay") == (
        303,
        f"https://shop.example/ok?sid={session.id}",
    )
    _, html = await page(simulator, f"/c/pay/{session.id}")
    assert "has been paid" in html
    assert 'id="pay"' not in html
    assert f'id="continue" href="https://shop.example/ok?sid={session.id}"' in html


async def test_a_declined_card_is_said_and_can_be_tried_again(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)

    async with simulator.http.post(
        f"{simulator.url}/c/pay/{session.id}", data={"action": "decline"}
    ) as response:
        html = await response.text()

    assert response.status == 402
    assert "Your card was declined." in html
    assert 'id="pay"' in html


async def test_back_leads_to_where_the_shop_said(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)

    answer = await simulator.press(session.id, "back")

    assert answer == (303, "https://shop.example/back")
    found = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert found.status == "open"


async def test_without_a_way_back_there_is_no_such_button(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client, cancel_url=None)

    _, html = await page(simulator, f"/c/pay/{session.id}")

    assert 'id="back"' not in html


async def test_paying_later_is_offered_only_where_it_is_allowed(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client, allowed_payment_method_types=["card"])

    _, html = await page(simulator, f"/c/pay/{session.id}")

    assert 'id="pay-later"' not in html
    status, _ = await simulator.press(session.id, "pay-later")
    assert status == 400


@pytest.mark.parametrize(
    ("button", "heading"),
    [("clear", "has been paid"), ("fail", "did not arrive")],
)
async def test_a_delayed_payment_is_ended_on_the_page(
    client: stripe.StripeClient,
    simulator: RunningSimulator,
    *,
    button: str,
    heading: str,
) -> None:
    session = await open_checkout(client)

    answer = await simulator.press(session.id, "pay-later")
    assert answer == (303, f"/c/pay/{session.id}")
    _, waiting = await page(simulator, f"/c/pay/{session.id}")
    assert 'id="clear"' in waiting
    assert 'id="fail"' in waiting
    assert 'id="continue"' in waiting
    await simulator.press(session.id, button)

    _, html = await page(simulator, f"/c/pay/{session.id}")
    assert heading in html
    assert 'id="clear"' not in html


async def test_an_expired_checkout_says_so(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    await simulator.advance(25 * 3600)

    _, html = await page(simulator, f"/c/pay/{session.id}")

    assert "has expired" in html
    assert 'id="pay"' not in html


async def test_an_unknown_button_does_nothing(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)

    assert (await simulator.press(session.id, "steal"))[0] == 400


async def test_every_page_says_that_this_is_not_stripe(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    paths = ["/", f"/c/pay/{session.id}", "/c/pay/cs_test_nobody"]

    pages = [await page(simulator, path) for path in paths]

    assert [status for status, _ in pages] == [200, 200, 404]
    assert all(NOTICE in html for _, html in pages)
    assert f'href="/c/pay/{session.id}"' in pages[0][1]
