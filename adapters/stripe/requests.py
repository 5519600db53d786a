"""Wording the request that opens a checkout session."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, cast
from urllib.parse import quote as quoted

from stripe.params.checkout import SessionCreateParams
from stripe.params.checkout._session_create_params import (
    SessionCreateParamsLineItem,
    SessionCreateParamsLineItemPriceDataProductData,
)

from adapters.stripe.sessions import APP
from domain.checkout import CheckoutRequest
from domain.ids import PurchaseId
from domain.money import Money
from domain.purchase import Buyer, PurchasedProgram
from domain.quote import Quote

SESSION_PLACEHOLDER: Final = "{CHECKOUT_SESSION_ID}"  # Stripe fills it in
PURCHASE_PLACEHOLDER: Final = "{PURCHASE_ID}"  # we do
TITLE_MAX: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What all our requests have in common.

    Args:
        environment: which of our installations asks; several may share an account.
        success_url: where a buyer goes after paying, with `SESSION_PLACEHOLDER`.
        cancel_url: where one goes who turns back, with `PURCHASE_PLACEHOLDER`.
    """

    environment: str
    success_url: str
    cancel_url: str

    def __post_init__(self) -> None:
        if SESSION_PLACEHOLDER not in self.success_url:
            raise ValueError(f"the success url lacks {SESSION_PLACEHOLDER}")
        if PURCHASE_PLACEHOLDER not in self.cancel_url:
            raise ValueError(f"the cancel url lacks {PURCHASE_PLACEHOLDER}")

    def request(
        self,
        *,
        purchase_id: PurchaseId,
        buyer: Buyer,
        program: PurchasedProgram,
        quote: Quote,
        expires_at: datetime,
    ) -> CheckoutRequest:
        """Word a request; the same facts always give the same words."""
        ends_at = expires_at.replace(microsecond=0)
        metadata = {
            "app": APP,
            "environment": self.environment,
            "purchase_id": purchase_id,
        }
        parameters: SessionCreateParams = {
            "mode": "payment",
            "line_items": [_line_item(program, quote)],
            "client_reference_id": purchase_id,
            "metadata": metadata,
            # A session's metadata is not its payment's, and refunds name the payment.
            "payment_intent_data": {"metadata": dict(metadata)},
            "customer_email": buyer.email,
            # Another currency than the quote's would look like a wrong payment.
            "adaptive_pricing": {"enabled": False},
            "expires_at": int(ends_at.timestamp()),
            "success_url": self.success_url,
            "cancel_url": self.cancel_url.replace(
                PURCHASE_PLACEHOLDER, quoted(purchase_id, safe="")
            ),
        }
        return CheckoutRequest(
            expires_at=ends_at, parameters=cast("dict[str, object]", parameters)
        )


def _line_item(program: PurchasedProgram, quote: Quote) -> SessionCreateParamsLineItem:
    product: SessionCreateParamsLineItemPriceDataProductData = {
        "name": _shortened(program.title)
    }
    description = ", ".join(_discounts(quote))
    if description:  # Stripe refuses an empty one
        product["description"] = description
    return {
        "quantity": 1,
        "price_data": {
            "currency": quote.total.currency.code,
            "unit_amount": quote.total.amount,
            "product_data": product,
        },
    }


def _discounts(quote: Quote) -> Iterator[str]:
    """Say why it costs less than elsewhere; nothing if it does not."""
    rows = (
        ("class representative", quote.class_rep_discount),
        ("early bird", quote.early_bird_discount),
    )
    given = [f"{name} -{_decimal(off)}" for name, off in rows if not off.is_zero]
    if given:
        yield f"Full price {_decimal(quote.full_price)}"
        yield from given


def _decimal(money: Money) -> str:
    amount = Decimal(money.amount).scaleb(-money.currency.exponent)
    return f"{money.currency.code.upper()} {amount}"


def _shortened(title: str) -> str:
    return title if len(title) <= TITLE_MAX else title[: TITLE_MAX - 1] + "…"
