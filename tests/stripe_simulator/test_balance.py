import json
from pathlib import Path
from typing import Any

import pytest
import stripe

from entrypoints.stripe_simulator.account import Account
from entrypoints.stripe_simulator.clock import Clock
from entrypoints.stripe_simulator.idempotency import IdempotencyKeys
from entrypoints.stripe_simulator.memory import recall, remember
from tests.servers.stripe_simulator import RunningSimulator
from tests.stripe_simulator.checkouts import open_checkout, paid_intent
from tests.stripe_simulator.refusing import refused

Row = tuple[str, str, int]


async def booked(client: stripe.StripeClient, **filters: Any) -> list[Row]:
    """Type, category and amount of the account's transactions, the oldest first."""
    asked: Any = {"limit": 100, **filters}
    listed = await client.v1.balance_transactions.list_async(asked)
    rows = [(row.type, row.reporting_category, row.amount) for row in listed.data]
    return rows[::-1]


async def charge_of(client: stripe.StripeClient, intent: str) -> stripe.Charge:
    return (await client.v1.charges.list_async({"payment_intent": intent})).data[0]


async def dispute(simulator: RunningSimulator, charge: str, **order: Any) -> str:
    answer = await simulator.control("POST", "/disputes", charge=charge, **order)
    return str(answer["id"])


async def close(simulator: RunningSimulator, dispute_id: str, outcome: str) -> None:
    path = f"/disputes/{dispute_id}/close"
    await simulator.control("POST", path, outcome=outcome)


async def test_a_payment_is_booked_less_its_fee(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    intent = await paid_intent(client, simulator)
    charge = await charge_of(client, intent)

    transaction = await client.v1.balance_transactions.retrieve_async(
        str(charge.balance_transaction), {"expand": ["source"]}
    )

    assert (transaction.type, transaction.amount) == ("charge", 2500)
    assert (transaction.fee, transaction.net) == (102, 2398)
    assert [fee.amount for fee in transaction.fee_details] == [102]
    assert isinstance(transaction.source, stripe.Charge)
    assert transaction.source.payment_intent == intent


async def test_a_delayed_payment_is_booked_when_it_clears(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    await simulator.press(session.id, "pay-later")
    assert await booked(client) == []

    await simulator.settle(session.id, "paid")

    assert await booked(client) == [("payment", "charge", 2500)]


async def test_a_refund_is_booked_and_its_failure_takes_it_back(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    intent = await paid_intent(client, simulator)
    refund = await client.v1.refunds.create_async(
        {"payment_intent": intent, "amount": 1000}
    )
    given = ("refund", "refund", -1000)
    assert await booked(client, source=refund.id) == [given]

    await simulator.settle_refund(refund.id, "failed")

    taken_back = ("refund_failure", "refund_failure", 1000)
    assert await booked(client, source=refund.id) == [given, taken_back]
    refund = await client.v1.refunds.retrieve_async(
        refund.id, {"expand": ["balance_transaction", "failure_balance_transaction"]}
    )
    assert isinstance(refund.balance_transaction, stripe.BalanceTransaction)
    assert isinstance(refund.failure_balance_transaction, stripe.BalanceTransaction)
    assert refund.failure_balance_transaction.amount == 1000


@pytest.mark.parametrize(
    ("outcome", "amounts"),
    [("succeeded", [-2500]), ("failed", []), ("canceled", [])],
)
async def test_a_pending_refund_is_booked_once_it_succeeds(
    client: stripe.StripeClient,
    simulator: RunningSimulator,
    outcome: str,
    amounts: list[int],
) -> None:
    await simulator.control("POST", "/refunds", begin_as="pending")
    intent = await paid_intent(client, simulator)
    refund = await client.v1.refunds.create_async({"payment_intent": intent})
    assert await booked(client, source=refund.id) == []

    await simulator.settle_refund(refund.id, outcome)

    assert [row[2] for row in await booked(client, source=refund.id)] == amounts


async def test_a_dispute_takes_money_and_gives_it_back_when_it_is_won(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    intent = await paid_intent(client, simulator)
    charge = await charge_of(client, intent)
    dispute_id = await dispute(simulator, charge.id, amount=700)

    await close(simulator, dispute_id, "won")

    assert await booked(client, type="adjustment") == [
        ("adjustment", "dispute", -700),
        ("adjustment", "dispute_reversal", 700),
    ]
    found = await client.v1.disputes.retrieve_async(dispute_id)
    rows = found.balance_transactions
    assert [(row.amount, row.fee) for row in rows] == [(-700, 1500), (700, 0)]


async def test_an_inquiry_takes_money_only_if_it_is_lost(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    status = "warning_needs_response"
    ids = []
    for _ in range(2):
        charge = await charge_of(client, await paid_intent(client, simulator))
        ids.append(await dispute(simulator, charge.id, status=status))
    assert await booked(client, type="adjustment") == []

    await close(simulator, ids[0], "won")
    assert await booked(client, type="adjustment") == []
    await close(simulator, ids[1], "lost")

    assert await booked(client, type="adjustment") == [("adjustment", "dispute", -2500)]


async def test_transactions_are_listed_by_time_in_pages_with_their_sources(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    early = await paid_intent(client, simulator)
    await simulator.advance(100)
    late = await paid_intent(client, simulator)
    transactions = client.v1.balance_transactions

    first = await transactions.list_async({"limit": 1, "expand": ["data.source"]})
    since = first.data[0].created
    rest = await transactions.list_async(
        {"starting_after": first.data[0].id, "expand": ["data.source"]}
    )

    sources = [row.source for row in (*first.data, *rest.data)]
    intents = [s.payment_intent for s in sources if isinstance(s, stripe.Charge)]
    assert intents == [late, early]
    assert first.has_more
    assert len((await transactions.list_async({"created": {"gte": since}})).data) == 1
    assert len((await transactions.list_async({"created": {"lt": since}})).data) == 1


async def test_what_cannot_be_filtered_by_is_refused(
    client: stripe.StripeClient,
) -> None:
    metadata: Any = {"metadata": {"app": "spothold"}}

    with refused() as refusal:
        await client.v1.balance_transactions.list_async(metadata)

    assert refusal.code == "parameter_unknown"


def test_a_memory_from_before_the_balance_is_still_taken_over(tmp_path: Path) -> None:
    clock = Clock()
    file = tmp_path / "stripe.json"
    remember(new_account(clock), IdempotencyKeys(clock), file)
    memory = json.loads(file.read_text())
    del memory["tables"]["balance_transaction"]
    file.write_text(json.dumps(memory))
    account = new_account(clock)

    recall(account, IdempotencyKeys(clock), file)

    assert account.all("balance_transaction") == []


def new_account(clock: Clock) -> Account:
    return Account(clock, publish=lambda _event: 0, later=lambda _work: None)
