"""How orphans look at rest; see `adapters.mongo.documents`."""

from dataclasses import replace
from datetime import datetime
from typing import Self

from beanie import Document
from pydantic import Field

from adapters.mongo.parts import (
    QUOTES_NOTHING,
    ExtraPaymentPart,
    PayerPart,
    when_known,
)
from domain.checkout import CheckoutSession, PaymentStatus, SessionStatus
from domain.ids import PurchaseId, SessionId
from domain.orphans import Orphan, OrphanReason


class OrphanDocument(Document):
    """One payment without a purchase, by its payment intent or else its session.

    Beside these fields it has `drive`, as a purchase does: until when it is claimed,
    and how often it was driven in vain.
    """

    model_config = QUOTES_NOTHING

    id: str  # type: ignore[assignment]  # Beanie cannot use a NewType here
    schema_number: int = 1
    reason: OrphanReason
    event_id: str | None = None
    found_at: datetime
    session_id: str
    session_status: SessionStatus
    payment_status: PaymentStatus
    payment_intent: str | None = None
    amount: int
    currency: str
    livemode: bool
    session_created_at: datetime
    session_expires_at: datetime
    url: str | None = None
    purchase_id: str | None = None
    app: str | None = None
    environment: str | None = None
    payer: PayerPart = Field(default_factory=PayerPart)
    money: ExtraPaymentPart | None = None
    matched: bool = False
    rev: int = 0

    class Settings:
        name = "orphans"
        keep_nulls = False

    @classmethod
    def from_domain(cls, orphan: Orphan) -> Self:
        session = orphan.session
        return cls(
            id=orphan.id,
            reason=orphan.reason,
            event_id=orphan.event_id,
            found_at=orphan.found_at,
            session_id=session.id,
            session_status=session.status,
            payment_status=session.payment_status,
            payment_intent=session.payment_intent,
            amount=session.amount_total,
            currency=session.currency,
            livemode=session.livemode,
            session_created_at=session.created_at,
            session_expires_at=session.expires_at,
            url=session.url,
            purchase_id=session.purchase_id,
            app=session.app,
            environment=session.environment,
            payer=PayerPart.from_domain(session.payer),
            money=ExtraPaymentPart.from_domain(orphan.money),
            matched=orphan.is_matched,
            rev=orphan.revision,
        )

    def to_domain(self) -> Orphan:
        orphan = Orphan.found(
            self._session(),
            reason=self.reason,
            event_id=self.event_id,
            at=self.found_at,
        )
        if self.money is None:
            return orphan
        return replace(
            orphan,
            money=self.money.to_domain(),
            is_matched=self.matched,
            revision=self.rev,
        )

    def _session(self) -> CheckoutSession:
        return CheckoutSession(
            id=SessionId(self.session_id),
            status=self.session_status,
            payment_status=self.payment_status,
            amount_total=self.amount,
            currency=self.currency,
            livemode=self.livemode,
            created_at=self.session_created_at,
            expires_at=self.session_expires_at,
            url=self.url,
            payment_intent=self.payment_intent,
            purchase_id=when_known(self.purchase_id, PurchaseId),
            app=self.app,
            environment=self.environment,
            payer=self.payer.to_domain(),
        )
