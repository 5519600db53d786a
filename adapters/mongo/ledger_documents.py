"""How the ledger of a day looks at rest: small, and kept for ever."""

from datetime import date, datetime
from typing import Any, Self

from beanie import Document
from pydantic import ConfigDict, Field

from adapters.mongo.parts import Part, when_known
from domain.day_ledger import DayLedger, LedgerItem, LedgerLine, Mismatch
from domain.ids import PurchaseId
from domain.ledger import MovementKind, Sum


class SumPart(Part):
    amount: int
    currency: str

    @classmethod
    def from_domain(cls, whole: Sum) -> Self:
        return cls(amount=whole.amount, currency=whole.currency)

    def to_domain(self) -> Sum:
        return Sum(amount=self.amount, currency=self.currency)


class LinePart(Part):
    currency: str
    ours: int
    stripes: int

    @classmethod
    def from_domain(cls, line: LedgerLine) -> Self:
        return cls(currency=line.currency, ours=line.ours, stripes=line.stripes)

    def to_domain(self) -> LedgerLine:
        return LedgerLine(currency=self.currency, ours=self.ours, stripes=self.stripes)


class ItemPart(Part):
    mismatch: Mismatch
    kind: MovementKind
    payment_intent: str
    subject: str | None = None
    purchase_id: str | None = None
    ours: SumPart | None = None
    stripes: SumPart | None = None

    @classmethod
    def from_domain(cls, item: LedgerItem) -> Self:
        return cls(
            mismatch=item.mismatch,
            kind=item.kind,
            payment_intent=item.payment_intent,
            subject=item.subject,
            purchase_id=item.purchase_id,
            ours=when_known(item.ours, SumPart.from_domain),
            stripes=when_known(item.stripes, SumPart.from_domain),
        )

    def to_domain(self) -> LedgerItem:
        return LedgerItem(
            mismatch=self.mismatch,
            kind=self.kind,
            payment_intent=self.payment_intent,
            subject=self.subject,
            purchase_id=when_known(self.purchase_id, PurchaseId),
            ours=when_known(self.ours, SumPart.to_domain),
            stripes=when_known(self.stripes, SumPart.to_domain),
        )


class LedgerDayDocument(Document):
    """One day, named as 2026-03-02, as it was found at its last check."""

    model_config = ConfigDict(hide_input_in_errors=True)

    id: str  # type: ignore[assignment]  # Beanie cannot use a date here
    schema_number: int = 1
    checked_at: datetime
    equal: bool
    lines: list[LinePart] = Field(default_factory=list)
    items: list[ItemPart] = Field(default_factory=list)
    items_unnamed: int = 0

    class Settings:
        name = "ledger_days"
        keep_nulls = False

    @classmethod
    def from_domain(cls, ledger: DayLedger, *, at: datetime) -> Self:
        return cls(
            id=ledger.day.isoformat(),
            checked_at=at,
            equal=ledger.is_equal,
            lines=[LinePart.from_domain(line) for line in ledger.lines],
            items=[ItemPart.from_domain(item) for item in ledger.items],
            items_unnamed=ledger.items_unnamed,
        )

    def fields(self) -> dict[str, Any]:
        """Return what a check writes, whatever was there before."""
        written: dict[str, Any] = self.model_dump(
            exclude={"id", "revision_id"}, exclude_none=True
        )
        return written

    def to_domain(self) -> DayLedger:
        return DayLedger(
            day=date.fromisoformat(self.id),
            lines=tuple(line.to_domain() for line in self.lines),
            items=tuple(item.to_domain() for item in self.items),
            items_unnamed=self.items_unnamed,
        )
