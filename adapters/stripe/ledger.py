"""Stripe's balance, where each of our payments shows up and all that comes of it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Final

import stripe

from adapters.stripe.calls import Calls
from adapters.stripe.errors import Unreadable
from adapters.stripe.listing import ListCall, listed
from adapters.stripe.movements import booked_on, movement_of
from adapters.stripe.sessions import is_marked_ours, mapping
from domain.ledger import Movement

# Where each object that moves money shows what it moved.
BOOKED: Final = ("balance_transaction", "failure_balance_transaction")


class StripePaymentLedger:
    """Shares the line of a `StripePaymentGateway`, which closes it.

    A restricted key needs the right to read balance transactions.

    Args:
        client: the SDK's.
        calls: how to ask.
    """

    def __init__(self, client: stripe.StripeClient, *, calls: Calls) -> None:
        self._transactions = client.v1.balance_transactions
        self._charges = client.v1.charges
        self._refunds = client.v1.refunds
        self._disputes = client.v1.disputes
        self._calls = calls

    async def movements(
        self, since: datetime, until: datetime
    ) -> AsyncGenerator[Movement, None]:
        window = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        parameters = {"created": window, "expand": ["data.source"]}
        pages = listed(
            self._transactions.list_async, parameters, patience=self._calls.patience
        )
        async with aclosing(pages) as rows:
            while True:
                # Each row's page has its own deadline, the reader's work none.
                async with self._calls.call_about_many("movements", since.isoformat()):
                    data = await anext(rows, None)
                if data is None:
                    return
                movement = await self._readable(data.get("source"), data)
                if movement is not None:
                    yield movement

    async def movements_of(self, payment_intent: str) -> Sequence[Movement]:
        shown = [f"data.{field}" for field in BOOKED]
        async with self._calls.call("movements_of", payment_intent):
            return [
                *await self._moved(self._charges.list_async, payment_intent, shown),
                *await self._moved(self._refunds.list_async, payment_intent, shown),
                *await self._moved(self._disputes.list_async, payment_intent, []),
            ]

    async def _moved(
        self, ask: ListCall, payment_intent: str, shown: list[str]
    ) -> list[Movement]:
        parameters = {"payment_intent": payment_intent, "expand": shown}
        pages = listed(ask, parameters, patience=self._calls.patience)
        found: list[Movement] = []
        async with aclosing(pages) as sources:
            async for source in sources:
                for transaction in booked_on(source):
                    movement = await self._readable(source, transaction)
                    found += [movement] if movement else []
        return found

    async def _readable(self, source: object, data: object) -> Movement | None:
        """Read what moved; others in the account move money that is none of ours."""
        try:
            return movement_of(mapping(data, "balance_transaction"), source)
        except Unreadable as error:
            if is_marked_ours(source):
                subject = str(mapping(data, "balance_transaction").get("id"))
                await self._calls.complain(error, name="movements", subject=subject)
            return None
