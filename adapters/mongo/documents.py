"""How purchases, programs, orphans, events and turns look at rest.

Nothing outside this package sees these.  Moments are kept to the millisecond, in UTC.
Nothing is ever written as a whole after its insert, so that the fields of a newer
version survive an older one.
"""

from datetime import datetime
from typing import Any, Literal, Self

from beanie import Document
from pydantic import BaseModel, Field

from adapters.mongo.audit_document import AuditDocument
from adapters.mongo.finding_document import FindingDocument
from adapters.mongo.history_documents import HeardDocument, TrailDocument
from adapters.mongo.idempotency_document import IdempotencyDocument
from adapters.mongo.ledger_documents import LedgerDayDocument
from adapters.mongo.orphan_documents import OrphanDocument
from adapters.mongo.parts import (
    QUOTES_NOTHING,
    DisputePart,
    ExtraPaymentPart,
    MailPart,
    MethodPart,
    NoticePart,
    PayerPart,
    PaymentPart,
    QuotePart,
    RefundPart,
    RequestPart,
    SessionPart,
    when_known,
)
from application.ports.event_log import EventFacts, EventState, HeldEvent
from domain.differences import is_troubled
from domain.ids import BuyerId, OrderNumber, ProgramId, PurchaseId
from domain.money import Money
from domain.program import Program, TermsOfSale
from domain.purchase import Buyer, ClosedReason, Purchase, PurchasedProgram, Status


class BuyerPart(BaseModel):
    email: str
    name: str


class TitlePart(BaseModel):
    title: str
    type: str
    time_zone: str


class Effects(BaseModel):
    """What a change of state owes the world: the outbox, one entry for each mail."""

    confirm: MailPart | None = None
    notices: list[NoticePart] = Field(default_factory=list)


class PurchaseDocument(Document):
    """One purchase.

    `live` is there only while it is, for the unique index; `open_money` only while some
    money has yet to go back, for whoever drives it; `troubled` only while some waits
    for a human or a bank, for whoever tells of it.
    """

    model_config = QUOTES_NOTHING

    id: str  # type: ignore[assignment]  # Beanie cannot use a NewType here
    schema_number: int = 1
    user_id: str
    program_id: str
    live: Literal[True] | None = None
    status: Status
    order_number: str
    buyer: BuyerPart
    program: TitlePart
    quote: QuotePart
    created_at: datetime
    updated_at: datetime
    stripe_req: RequestPart | None = None
    session: SessionPart | None = None
    closing_reason: ClosedReason | None = None
    closed_reason: ClosedReason | None = None
    paid: PaymentPart | None = None
    payer: PayerPart | None = None
    payment_method: MethodPart | None = None
    processing: bool = False
    completed_at: datetime | None = None
    effects: Effects = Field(default_factory=Effects)
    extra_payments: list[ExtraPaymentPart] = Field(default_factory=list)
    refunds: list[RefundPart] = Field(default_factory=list)
    dispute: DisputePart | None = None
    money_rev: int = 0
    open_money: Literal[True] | None = None
    unsettled_since: datetime | None = None
    troubled: Literal[True] | None = None

    class Settings:
        name = "purchases"
        keep_nulls = False

    @classmethod
    def from_domain(cls, purchase: Purchase) -> Self:
        buyer, program = purchase.buyer, purchase.program
        return cls(
            id=purchase.id,
            user_id=buyer.id,
            program_id=program.id,
            live=True if purchase.is_live else None,
            status=purchase.status,
            order_number=purchase.order_number,
            buyer=BuyerPart(email=buyer.email, name=buyer.name),
            program=TitlePart(
                title=program.title,
                type=program.program_type,
                time_zone=program.time_zone,
            ),
            quote=QuotePart.from_domain(purchase.quote),
            created_at=purchase.created_at,
            updated_at=purchase.updated_at,
            stripe_req=when_known(purchase.request, RequestPart.from_domain),
            session=when_known(purchase.session, SessionPart.from_domain),
            closing_reason=purchase.closing_reason,
            closed_reason=purchase.closed_reason,
            paid=when_known(purchase.paid, PaymentPart.from_domain),
            payer=when_known(purchase.payer, PayerPart.from_domain),
            payment_method=when_known(purchase.payment_method, MethodPart.from_domain),
            processing=purchase.is_processing,
            completed_at=purchase.completed_at,
            effects=Effects(
                confirm=when_known(purchase.confirmation, MailPart.from_domain),
                notices=list(map(NoticePart.from_notice, purchase.notices)),
            ),
            extra_payments=[
                ExtraPaymentPart.from_domain(extra) for extra in purchase.extra_payments
            ],
            refunds=[RefundPart.from_domain(refund) for refund in purchase.refunds],
            dispute=when_known(purchase.dispute, DisputePart.from_domain),
            money_rev=purchase.money_revision,
            open_money=True if purchase.has_open_money else None,
            unsettled_since=purchase.unsettled_since,
            troubled=True if is_troubled(purchase) else None,
        )

    def to_domain(self) -> Purchase:
        return Purchase(
            id=PurchaseId(self.id),
            order_number=OrderNumber(self.order_number),
            buyer=Buyer(
                id=BuyerId(self.user_id), email=self.buyer.email, name=self.buyer.name
            ),
            program=PurchasedProgram(
                id=ProgramId(self.program_id),
                title=self.program.title,
                program_type=self.program.type,
                time_zone=self.program.time_zone,
            ),
            quote=self.quote.to_domain(),
            status=self.status,
            created_at=self.created_at,
            updated_at=self.updated_at,
            request=when_known(self.stripe_req, RequestPart.to_domain),
            session=when_known(self.session, SessionPart.to_domain),
            closing_reason=self.closing_reason,
            closed_reason=self.closed_reason,
            paid=when_known(self.paid, PaymentPart.to_domain),
            payer=when_known(self.payer, PayerPart.to_domain),
            payment_method=when_known(self.payment_method, MethodPart.to_domain),
            is_processing=self.processing,
            completed_at=self.completed_at,
            confirmation=when_known(self.effects.confirm, MailPart.to_domain),
            extra_payments=tuple(extra.to_domain() for extra in self.extra_payments),
            refunds=tuple(refund.to_domain() for refund in self.refunds),
            dispute=when_known(self.dispute, DisputePart.to_domain),
            notices=tuple(
                notice.to_notice(place)
                for place, notice in enumerate(self.effects.notices)
            ),
            unsettled_since=self.unsettled_since,
            money_revision=self.money_rev,
        )


class ProgramDocument(Document):
    """One program.

    Beside these fields it has `spots`, the purchases that hold one, always as many as
    `class_rep_count` says; they are read only when they are asked for.
    """

    model_config = QUOTES_NOTHING

    id: str  # type: ignore[assignment]  # Beanie cannot use a NewType here
    schema_number: int = 1
    title: str
    type: str
    time_zone: str
    currency: str
    full_price: int
    class_rep_discount: int
    early_bird_discount: int
    early_bird_deadline: datetime | None = None
    free: bool = False
    active: bool = True
    paused: bool = False
    rev: int = 1
    class_rep_limit: int = 0
    class_rep_count: int = 0

    class Settings:
        name = "programs"
        keep_nulls = False

    @classmethod
    def from_domain(cls, program: Program) -> Self:
        terms = program.terms
        return cls(
            id=program.id,
            title=program.title,
            type=program.program_type,
            time_zone=program.time_zone,
            currency=terms.full_price.currency.code,
            full_price=terms.full_price.amount,
            class_rep_discount=terms.class_rep_discount.amount,
            early_bird_discount=terms.early_bird_discount.amount,
            early_bird_deadline=terms.early_bird_deadline,
            free=terms.is_free,
            active=program.is_active,
            paused=program.is_paused,
            rev=program.revision,
            class_rep_limit=terms.class_rep_limit,
        )

    def to_domain(self) -> Program:
        return Program(
            id=ProgramId(self.id),
            title=self.title,
            program_type=self.type,
            time_zone=self.time_zone,
            is_active=self.active,
            is_paused=self.paused,
            revision=self.rev,
            class_rep_count=self.class_rep_count,
            terms=TermsOfSale(
                full_price=Money.of(self.full_price, self.currency),
                class_rep_discount=Money.of(self.class_rep_discount, self.currency),
                early_bird_discount=Money.of(self.early_bird_discount, self.currency),
                early_bird_deadline=self.early_bird_deadline,
                is_free=self.free,
                class_rep_limit=self.class_rep_limit,
            ),
        )


class EventDocument(Document):
    """An event that was not simply applied; `ended_at` is there once it is over."""

    model_config = QUOTES_NOTHING

    id: str  # type: ignore[assignment]  # Beanie cannot use a NewType here
    kind: str
    object_id: str | None = None
    payment_intent: str | None = None
    purchase_id: str | None = None
    state: EventState
    why: str = ""
    outcome: str | None = None
    first_seen: datetime
    last_tried: datetime | None = None
    until: datetime | None = None
    ended_at: datetime | None = None
    tries: int = 0

    class Settings:
        name = "events"
        keep_nulls = False

    def to_domain(self) -> HeldEvent:
        return HeldEvent(
            event=EventFacts(
                id=self.id,
                kind=self.kind,
                object_id=self.object_id,
                payment_intent=self.payment_intent,
                purchase_id=when_known(self.purchase_id, PurchaseId),
            ),
            why=self.why,
            state=self.state,
            first_seen=self.first_seen,
            last_tried=self.last_tried or self.first_seen,
            until=self.until or self.first_seen,
            tries=self.tries,
        )


class TurnDocument(Document):
    """A job: who has its turn until when, and how far it has come."""

    id: str  # type: ignore[assignment]  # Beanie cannot use a NewType here
    until: datetime | None = None
    holder: str | None = None
    mark: datetime | None = None

    class Settings:
        name = "leases"
        keep_nulls = False


def row_of(document: Document) -> dict[str, Any]:
    """Return what Beanie's own insert would send, for a tenth of the CPU.

    Beanie walks over each value by itself (docs/adr/0033).  For documents without
    links, revisions and encoders of their own, which all of ours are.
    """
    row: dict[str, Any] = document.model_dump(by_alias=True, exclude_none=True)
    return row


DOCUMENTS = (
    AuditDocument,
    ProgramDocument,
    PurchaseDocument,
    OrphanDocument,
    EventDocument,
    FindingDocument,
    IdempotencyDocument,
    LedgerDayDocument,
    TurnDocument,
    TrailDocument,
    HeardDocument,
)
