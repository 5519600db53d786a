import pytest
import stripe

from tests.servers.stripe_simulator import RunningSimulator
from tests.servers.webhook_receiver import Receiver
from tests.stripe_simulator.checkouts import open_checkout, paid_intent
from tests.stripe_simulator.refusing import refused


async def charge_of(client: stripe.StripeClient, intent: str) -> stripe.Charge:
    return (await client.v1.charges.list_async({"payment_intent": intent})).data[0]


async def test_a_full_refund_gives_everything_back(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    intent = await paid_intent(client, simulator)
    await simulator.flush()
    receiver.bodies.clear()

    refund = await client.v1.refunds.create_async(
        {"payment_intent": intent, "metadata": {"rid": "r-1"}}
    )

    assert (refund.amount, refund.status, refund.currency) == (2500, "succeeded", "usd")
    assert refund.payment_intent == intent
    charge = await charge_of(client, intent)
    assert (charge.amount_refunded, charge.refunded) == (2500, True)
    await simulator.flush()
    assert sorted(receiver.types) == ["charge.refunded", "refund.created"]


async def test_parts_add_up_to_the_whole(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    intent = await paid_intent(client, simulator)

    await client.v1.refunds.create_async({"payment_intent": intent, "amount": 1000})
    charge = await charge_of(client, intent)
    assert (charge.amount_refunded, charge.refunded) == (1000, False)
    rest = await client.v1.refunds.create_async({"charge": charge.id})

    assert rest.amount == 1500
    charge = await charge_of(client, intent)
    assert (charge.amount_refunded, charge.refunded) == (2500, True)


async def test_nothing_is_refunded_twice(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    intent = await paid_intent(client, simulator)
    refund = await client.v1.refunds.create_async({"payment_intent": intent})

    with refused(stripe.InvalidRequestError) as refusal:
        await client.v1.refunds.create_async({"payment_intent": intent})

    assert (refusal.status, refusal.code) == (400, "charge_already_refunded")
    charge = f"Charge {refund.charge} has already been refunded."
    assert refusal.message == charge


async def test_no_more_is_refunded_than_was_paid(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    intent = await paid_intent(client, simulator)

    with refused() as whole:
        await client.v1.refunds.create_async({"payment_intent": intent, "amount": 2501})
    await client.v1.refunds.create_async({"payment_intent": intent, "amount": 1000})
    with refused() as rest:
        await client.v1.refunds.create_async({"payment_intent": intent, "amount": 1501})

    assert whole.message == (
        "Refund amount ($25.01) is greater than charge amount ($25.00)"
    )
    assert rest.message == (
        "Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)"
    )
    assert rest.param == "amount"


async def test_what_was_not_paid_cannot_be_refunded(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    await simulator.press(session.id, "pay-later")
    session = await client.v1.checkout.sessions.retrieve_async(session.id)
    intent = str(session.payment_intent)

    with refused() as refusal:
        await client.v1.refunds.create_async({"payment_intent": intent})

    assert refusal.message == (
        f"This PaymentIntent ({intent}) does not have a successful charge to refund."
    )


async def test_a_refund_names_what_it_refunds(client: stripe.StripeClient) -> None:
    with refused() as nothing:
        await client.v1.refunds.create_async({"amount": 1})
    with refused() as unknown:
        await client.v1.refunds.create_async({"payment_intent": "pi_x"})
    with refused() as zero:
        await client.v1.refunds.create_async({"payment_intent": "pi_x", "amount": 0})

    assert nothing.code == "parameter_missing"
    assert unknown.code == "resource_missing"
    assert (zero.param, zero.code) == ("amount", "parameter_invalid_integer")


async def test_refunds_are_listed_by_what_they_refund(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    ours = await paid_intent(client, simulator)
    other = await paid_intent(client, simulator)
    refund = await client.v1.refunds.create_async({"payment_intent": ours})
    await client.v1.refunds.create_async({"payment_intent": other})

    by_intent = await client.v1.refunds.list_async({"payment_intent": ours})
    by_charge = await client.v1.refunds.list_async({"charge": str(refund.charge)})
    found = await client.v1.refunds.retrieve_async(refund.id)
    charge = await client.v1.charges.retrieve_async(
        str(refund.charge), {"expand": ["refunds"]}
    )

    assert [row.id for row in by_intent.data] == [refund.id]
    assert [row.id for row in by_charge.data] == [refund.id]
    assert found.to_dict() == refund.to_dict()
    assert charge.refunds is not None
    assert [row.id for row in charge.refunds.data] == [refund.id]


async def test_metadata_of_a_refund_can_be_changed(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    intent = await paid_intent(client, simulator)
    refund = await client.v1.refunds.create_async(
        {"payment_intent": intent, "metadata": {"rid": "r-1", "gone": "soon"}}
    )

    changed = await client.v1.refunds.update_async(
        refund.id, {"metadata": {"note": "x", "gone": ""}}
    )

    assert changed.to_dict()["metadata"] == {"rid": "r-1", "note": "x"}


async def test_a_refund_may_fail_after_it_succeeded(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    intent = await paid_intent(client, simulator)
    refund = await client.v1.refunds.create_async({"payment_intent": intent})
    await simulator.flush()
    receiver.bodies.clear()

    await simulator.settle_refund(refund.id, "failed")

    refund = await client.v1.refunds.retrieve_async(refund.id)
    assert (refund.status, refund.failure_reason) == ("failed", "lost_or_stolen_card")
    charge = await charge_of(client, intent)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    await simulator.flush()
    assert sorted(receiver.types) == [
        "charge.refund.updated",
        "refund.failed",
        "refund.updated",
    ]


@pytest.mark.parametrize("outcome", ["succeeded", "failed", "canceled"])
async def test_a_pending_refund_ends_one_way(
    client: stripe.StripeClient, simulator: RunningSimulator, outcome: str
) -> None:
    await simulator.control("POST", "/refunds", begin_as="pending")
    intent = await paid_intent(client, simulator)
    refund = await client.v1.refunds.create_async({"payment_intent": intent})
    assert refund.status == "pending"

    await simulator.settle_refund(refund.id, outcome)

    refund = await client.v1.refunds.retrieve_async(refund.id)
    assert refund.status == outcome
    with pytest.raises(RuntimeError, match="cannot become"):
        await simulator.settle_refund(refund.id, "canceled")


async def test_a_disputed_charge_is_not_refunded(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    intent = await paid_intent(client, simulator)
    charge = await charge_of(client, intent)
    dispute = await simulator.control("POST", "/disputes", charge=charge.id)

    with refused() as refusal:
        await client.v1.refunds.create_async({"payment_intent": intent})

    assert refusal.code == "charge_disputed"
    listed = await client.v1.disputes.list_async({"payment_intent": intent})
    assert [row.id for row in listed.data] == [dispute["id"]]
    path = f"/disputes/{dispute['id']}/close"
    await simulator.control("POST", path, outcome="lost")
    found = await client.v1.disputes.retrieve_async(dispute["id"])
    assert (found.status, found.amount) == ("lost", 2500)
    await simulator.flush()
    disputes = [kind for kind in receiver.types if "dispute" in kind]
    assert disputes == ["charge.dispute.created", "charge.dispute.closed"]


async def test_an_inquiry_still_lets_a_refund_through(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    intent = await paid_intent(client, simulator)
    charge = await charge_of(client, intent)
    status = "warning_needs_response"
    await simulator.control("POST", "/disputes", charge=charge.id, status=status)

    refund = await client.v1.refunds.create_async({"payment_intent": intent})

    assert refund.status == "succeeded"
