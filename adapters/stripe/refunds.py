"""Giving money back through Stripe."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

import stripe
from stripe.params import RefundCreateParams

from adapters.stripe.calls import Calls
from adapters.stripe.errors import Meaning, Trouble, trouble_of
from adapters.stripe.listing import listed
from adapters.stripe.reports import metadata_of, refund_report_of
from adapters.stripe.sessions import APP, mapping, purchase_id_of, text
from application.ports.refunds import RefundRefused
from domain.ids import PurchaseId
from domain.refunding import RefundReport

ALREADY_REFUNDED: Final = "charge_already_refunded"


class StripeRefundGateway:
    """Shares the line of a `StripePaymentGateway`, which closes it.

    Args:
        client: the SDK's.
        calls: how to ask.
        environment: which of our installations this is.
    """

    def __init__(
        self, client: stripe.StripeClient, *, calls: Calls, environment: str
    ) -> None:
        self._refunds = client.v1.refunds
        self._intents = client.v1.payment_intents
        self._calls = calls
        self._environment = environment

    async def create_refund(
        self,
        *,
        key: str,
        payment_intent: str,
        amount: int | None,
        purchase_id: PurchaseId | None,
        row_id: str,
    ) -> RefundReport:
        metadata = {
            "app": APP,
            "environment": self._environment,
            "purchase_id": purchase_id,
            "row_id": row_id,
        }
        parameters: RefundCreateParams = {
            "payment_intent": payment_intent,
            "metadata": {name: word for name, word in metadata.items() if word},
        }
        if amount is not None:
            parameters["amount"] = amount
        async with self._calls.call(
            "create_refund", row_id, payment_intent, purchase_id
        ):
            try:
                answer = await self._calls.patience.insist(
                    lambda: self._refunds.create_async(
                        parameters, {"idempotency_key": key}
                    )
                )
            except stripe.StripeError as error:
                _judge(trouble_of(error))
                raise
            return refund_report_of(answer.to_dict())

    async def get_refund(self, refund_id: str) -> RefundReport:
        async with self._calls.call("get_refund", refund_id):
            answer = await self._calls.patience.insist(
                lambda: self._refunds.retrieve_async(refund_id)
            )
            return refund_report_of(answer.to_dict())

    async def refunds_of(self, payment_intent: str) -> Sequence[RefundReport]:
        pages = listed(
            self._refunds.list_async,
            {"payment_intent": payment_intent},
            patience=self._calls.patience,
        )
        async with (
            self._calls.call("refunds_of", payment_intent),
            aclosing(pages) as refunds,
        ):
            return [refund_report_of(refund) async for refund in refunds]

    async def owner_of(self, payment_intent: str) -> PurchaseId | None:
        async with self._calls.call("owner_of", payment_intent):
            answer = await self._calls.patience.insist(
                lambda: self._intents.retrieve_async(payment_intent)
            )
            metadata = metadata_of(mapping(answer.to_dict(), "payment_intent"))
            ours = (APP, self._environment)
            if (text(metadata, "app"), text(metadata, "environment")) != ours:
                return None
            return purchase_id_of(metadata)


def _judge(trouble: Trouble) -> None:
    """Raise what only the making of a refund can mean."""
    if trouble.meaning is Meaning.REFUSED:
        raise RefundRefused(
            trouble.reason, is_already_refunded=trouble.code == ALREADY_REFUNDED
        )
