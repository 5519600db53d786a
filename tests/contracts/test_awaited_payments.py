"""A payment completes the purchase that awaits it, whoever looks: rule or storage."""

from dataclasses import replace
from itertools import product

from domain.ids import BuyerId, SessionId
from domain.purchase import Status
from tests.contracts.examples import NOON, complete, open_session, purchase, quote
from tests.contracts.storage import Storage

PAYMENT = complete().payment
OFFERS = [quote(), quote(total=149_999), quote(currency="eur")]


async def test_a_payment_completes_only_the_purchase_that_awaits_it(
    storage: Storage,
) -> None:
    for number, (session, is_paid, offer) in enumerate(
        product([None, "own", "other"], [False, True], OFFERS)
    ):
        name, own = f"{number}", SessionId(f"own-{number}")
        payment = replace(PAYMENT, session_id=own)
        before = purchase(
            name,
            buyer=BuyerId(name),
            status=Status.PENDING,
            session=session and open_session(f"{session}-{number}"),
            paid=payment if is_paid else None,
            quote=offer,
        )
        await storage.purchases.add(before)

        step = replace(complete(of=name), payment=payment)
        told = await storage.purchases.change(before.id, step, at=NOON, by="test")

        assert told == before.awaits(payment)
        expected = before.after(step, at=NOON) if told else before
        assert await storage.purchases.get(before.id) == expected
