"""Requests of one buyer for one program, at a price of one's choice."""

from datetime import timedelta
from typing import Final

from adapters.stripe.gateway import StripePaymentGateway
from domain.checkout import CheckoutRequest
from domain.ids import BuyerId, ProgramId, PurchaseId
from domain.money import Money
from domain.purchase import Buyer, PurchasedProgram
from domain.quote import Quote
from tests.adapters.stripe.objects import NOON

P1: Final = PurchaseId("p-1")
SOON: Final = NOON + timedelta(minutes=35, microseconds=700_000)


def quote(currency: str = "eur", *, rep: int = 0, early: int = 0) -> Quote:
    full = 150_00
    return Quote(
        full_price=Money.of(full, currency),
        class_rep_discount=Money.of(rep, currency),
        early_bird_discount=Money.of(early, currency),
        total=Money.of(full - rep - early, currency),
        is_class_rep=rep > 0,
        is_early_bird=early > 0,
        program_revision=1,
        quoted_at=NOON,
    )


def compose(
    gateway: StripePaymentGateway, *, of: Quote | None = None, title: str = "Choir"
) -> CheckoutRequest:
    return gateway.compose(
        purchase_id=P1,
        buyer=Buyer(id=BuyerId("ada"), email="ada@example.org", name="Ada"),
        program=PurchasedProgram(
            id=ProgramId("choir"), title=title, program_type="course", time_zone="UTC"
        ),
        quote=of or quote(),
        expires_at=SOON,
    )
