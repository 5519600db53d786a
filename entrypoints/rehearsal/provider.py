"""The provider, which is asked whatever changes nothing, and told nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from application.ports.payments import (
    IntentState,
    PaymentGateway,
    PaymentGatewayUnavailable,
)
from application.ports.refunds import RefundGateway
from domain.checkout import CheckoutRequest, CheckoutSession
from domain.ids import PurchaseId, SessionId
from domain.purchase import Buyer, PaymentMethod, PurchasedProgram
from domain.quote import Quote
from domain.refunding import RefundReport


class NotAsked(PaymentGatewayUnavailable):
    """What the provider would have answered is not known in a rehearsal."""

    def __init__(self) -> None:
        super().__init__("rehearsal")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the provider would have been asked to change."""

    said: list[str]

    def withhold(self, wish: str) -> NoReturn:
        """Write the wish down.

        Raises:
            NotAsked: always; an unknown answer is one that every use case bears.
        """
        self.said.append(wish)
        raise NotAsked


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedPayments:
    real: PaymentGateway
    wishes: Wishes

    def compose(
        self,
        *,
        purchase_id: PurchaseId,
        buyer: Buyer,
        program: PurchasedProgram,
        quote: Quote,
        expires_at: datetime,
    ) -> CheckoutRequest:
        return self.real.compose(
            purchase_id=purchase_id,
            buyer=buyer,
            program=program,
            quote=quote,
            expires_at=expires_at,
        )

    def now(self) -> datetime:
        return self.real.now()

    async def create_session(
        self, purchase_id: PurchaseId, request: CheckoutRequest
    ) -> CheckoutSession:
        del request
        self.wishes.withhold(f"open a session for purchase {purchase_id}")

    async def find_session(
        self, purchase_id: PurchaseId, *, request: CheckoutRequest
    ) -> CheckoutSession | None:
        return await self.real.find_session(purchase_id, request=request)

    async def get_session(self, session_id: SessionId) -> CheckoutSession:
        return await self.real.get_session(session_id)

    async def expire_session(self, session_id: SessionId) -> CheckoutSession:
        self.wishes.withhold(f"expire session {session_id}")

    async def intent_state(self, payment_intent: str) -> IntentState:
        return await self.real.intent_state(payment_intent)

    async def payment_method(self, payment_intent: str) -> PaymentMethod:
        return await self.real.payment_method(payment_intent)


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedRefunds:
    real: RefundGateway
    wishes: Wishes

    async def create_refund(
        self,
        *,
        key: str,
        payment_intent: str,
        amount: int | None,
        purchase_id: PurchaseId | None,
        row_id: str,
    ) -> RefundReport:
        del key, purchase_id, row_id
        much = "the rest" if amount is None else f"{amount} minor units"
        self.wishes.withhold(f"refund {much} of payment {payment_intent}")

    async def get_refund(self, refund_id: str) -> RefundReport:
        return await self.real.get_refund(refund_id)

    async def refunds_of(self, payment_intent: str) -> Sequence[RefundReport]:
        return await self.real.refunds_of(payment_intent)

    async def owner_of(self, payment_intent: str) -> PurchaseId | None:
        return await self.real.owner_of(payment_intent)
