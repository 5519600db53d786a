import asyncio

import pytest
import stripe

from tests.servers.stripe_simulator import RunningSimulator
from tests.servers.webhook_receiver import Receiver
from tests.stripe_simulator.checkouts import one_item, open_checkout
from tests.stripe_simulator.refusing import refused
from tests.waiting import eventually


async def test_a_payment_completes_the_session_and_its_intent(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    session = await open_checkout(client)

    await simulator.press(session.id, "pay", name="Ada", country="GB")

    session = await client.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )
    assert (session.status, session.payment_status) == ("complete", "paid")
    assert session.url is None
    details = session.to_dict()["customer_details"]
    assert (details["name"], details["email"]) == ("Ada", "ada@example.org")
    assert details["address"]["country"] == "GB"
    intent = session.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount_received) == ("succeeded", 2500)
    assert intent.to_dict()["metadata"] == {"purchase_id": "purchase-1"}
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    card = charge.to_dict()["payment_method_details"]["card"]
    assert (card["brand"], card["last4"]) == ("visa", "4242")
    await simulator.flush()
    assert sorted(receiver.types) == [
        "charge.succeeded",
        "checkout.session.completed",
        "payment_intent.succeeded",
    ]


async def test_intent_and_charge_are_found_by_their_ids(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    await simulator.press(session.id, "pay")
    session = await client.v1.checkout.sessions.retrieve_async(session.id)

    intent = await client.v1.payment_intents.retrieve_async(
        str(session.payment_intent), {"expand": ["latest_charge"]}
    )
    assert isinstance(intent.latest_charge, stripe.Charge)
    charge = await client.v1.charges.retrieve_async(intent.latest_charge.id)
    listed = await client.v1.charges.list_async({"payment_intent": intent.id})

    assert charge.payment_intent == intent.id
    assert [row.id for row in listed.data] == [charge.id]
    assert (charge.amount, charge.amount_refunded, charge.refunded) == (2500, 0, False)


async def test_a_declined_card_leaves_the_session_open(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    session = await open_checkout(client)

    status, _ = await simulator.press(session.id, "decline")

    assert status == 402
    session = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert (session.status, session.payment_status) == ("open", "unpaid")
    intent = await client.v1.payment_intents.retrieve_async(str(session.payment_intent))
    assert intent.status == "requires_payment_method"
    assert intent.to_dict()["last_payment_error"]["code"] == "card_declined"
    await simulator.flush()
    assert receiver.types == []
    assert (await simulator.press(session.id, "pay"))[0] == 303
    again = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert (again.payment_intent, again.payment_status) == (intent.id, "paid")


async def test_a_session_that_expires_after_a_decline_cancels_its_intent(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    await simulator.press(session.id, "decline")

    session = await client.v1.checkout.sessions.expire_async(session.id)

    intent = await client.v1.payment_intents.retrieve_async(str(session.payment_intent))
    assert intent.status == "canceled"


@pytest.mark.parametrize("first", ["pay", "pay-later"])
async def test_a_session_is_paid_once(
    client: stripe.StripeClient, simulator: RunningSimulator, first: str
) -> None:
    session = await open_checkout(client)
    await simulator.press(session.id, first)

    status, _ = await simulator.press(session.id, "pay")

    assert status == 400
    charges = await client.v1.charges.list_async()
    assert len(charges.data) == 1


async def test_an_expired_session_cannot_be_paid(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    await client.v1.checkout.sessions.expire_async(session.id)

    status, _ = await simulator.press(session.id, "pay")

    assert status == 400
    assert (await client.v1.charges.list_async()).data == []


@pytest.mark.parametrize(
    ("outcome", "payment_status", "intent_status", "event"),
    [
        ("paid", "paid", "succeeded", "async_payment_succeeded"),
        ("failed", "unpaid", "requires_payment_method", "async_payment_failed"),
    ],
)
async def test_a_delayed_payment_completes_first_and_ends_later(
    client: stripe.StripeClient,
    simulator: RunningSimulator,
    receiver: Receiver,
    *,
    outcome: str,
    payment_status: str,
    intent_status: str,
    event: str,
) -> None:
    session = await open_checkout(client)
    await simulator.press(session.id, "pay-later")
    session = await client.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["payment_intent"]}
    )
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert isinstance(session.payment_intent, stripe.PaymentIntent)
    assert session.payment_intent.status == "processing"

    await simulator.settle(session.id, outcome)

    session = await client.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["payment_intent"]}
    )
    assert session.payment_status == payment_status
    assert isinstance(session.payment_intent, stripe.PaymentIntent)
    assert session.payment_intent.status == intent_status
    await simulator.flush()
    ours = [kind for kind in receiver.types if kind.startswith("checkout")]
    assert ours == ["checkout.session.completed", f"checkout.session.{event}"]


async def test_a_delayed_payment_ends_once(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    await simulator.press(session.id, "pay-later")
    await simulator.settle(session.id, "failed")

    with pytest.raises(RuntimeError, match="no payment that is processing"):
        await simulator.settle(session.id, "paid")


async def test_nothing_to_pay_needs_no_payment(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client, line_items=one_item(0, "usd"))

    await simulator.press(session.id, "pay")

    session = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert (session.status, session.payment_status) == (
        "complete",
        "no_payment_required",
    )
    assert session.payment_intent is None


async def confirm(
    simulator: RunningSimulator, session_id: str, method: str, expected: int = 2500
) -> tuple[int, str]:
    """Pay as Stripe's own page and command do."""
    path = f"/v1/payment_pages/{session_id}/confirm"
    form = f"payment_method={method}&expected_amount={expected}"
    status, answer, _ = await simulator.call("POST", path, form)
    return status, answer.get("error", {}).get("code", "")


async def test_a_session_is_paid_as_the_command_does_it(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    method = await client.v1.payment_methods.create_async(
        {"type": "card", "card": {"token": "tok_mastercard"}}
    )

    assert await confirm(simulator, session.id, method.id) == (200, "")

    paid = await client.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )
    charge = paid.to_dict()["payment_intent"]["latest_charge"]
    assert charge["payment_method_details"]["card"]["last4"] == "4444"


async def test_another_amount_than_expected_is_not_paid(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)

    answer = await confirm(simulator, session.id, "pm_card_visa", expected=2499)

    assert answer == (400, "checkout_amount_mismatch")
    unpaid = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert unpaid.status == "open"


async def test_a_declined_card_is_a_card_error(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)

    answer = await confirm(simulator, session.id, "pm_card_chargeDeclined")

    assert answer == (402, "card_declined")


async def test_an_unknown_payment_method_is_refused(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)

    assert await confirm(simulator, session.id, "pm_x") == (400, "resource_missing")


@pytest.mark.parametrize(
    ("iban", "payment_status"),
    [("AT611904300234573201", "paid"), ("AT861904300235473202", "unpaid")],
)
async def test_a_test_iban_says_how_the_payment_ends(
    client: stripe.StripeClient,
    simulator: RunningSimulator,
    receiver: Receiver,
    iban: str,
    payment_status: str,
) -> None:
    session = await open_checkout(client, line_items=one_item(2500, "eur"))
    method = await client.v1.payment_methods.create_async(
        {"type": "sepa_debit", "sepa_debit": {"iban": iban}}
    )
    assert await confirm(simulator, session.id, method.id) == (200, "")

    async def has_ended() -> bool:
        return any("async_payment" in kind for kind in receiver.types)

    await eventually(has_ended)
    session = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert session.payment_status == payment_status


async def test_a_payment_settled_by_hand_does_not_settle_by_itself(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    trouble: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: trouble.append(context))
    method = await client.v1.payment_methods.create_async(
        {"type": "sepa_debit", "sepa_debit": {"iban": "AT611904300234573201"}}
    )
    by_hand, by_itself = [
        await open_checkout(client, line_items=one_item(2500, "eur")) for _ in range(2)
    ]
    await confirm(simulator, by_hand.id, method.id)
    await simulator.settle(by_hand.id, "failed")
    await confirm(simulator, by_itself.id, method.id)

    async def the_later_has_ended() -> bool:
        return "checkout.session.async_payment_succeeded" in receiver.types

    await eventually(the_later_has_ended)
    ended = await client.v1.checkout.sessions.retrieve_async(by_hand.id)
    assert ended.payment_status == "unpaid"
    assert trouble == []


async def test_an_intent_without_a_session_can_be_charged(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    form = "amount=100&currency=usd&confirm=true&payment_method=pm_card_visa"

    status, intent, _ = await simulator.call("POST", "/v1/payment_intents", form)

    assert (status, intent["status"]) == (200, "succeeded")
    with refused() as refusal:
        await client.v1.payment_intents.create_async({"amount": 0, "currency": "usd"})
    assert refusal.param == "amount"
