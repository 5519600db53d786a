"""What is not as it should be, and what waits for an admin."""

from datetime import datetime

from msgspec import field

from entrypoints.backoffice.answers.shared import Fact
from entrypoints.storefront.answers import Answer

NO_REPAIR = "none"


class FindingAnswer(Answer, frozen=True):
    """One difference; `plan` names its repair as it would be done now."""

    id: str
    kind: str
    severity: str
    subject: str
    evidence: dict[str, Fact]
    repair: str
    automatic: bool
    next_step: str
    first_seen: datetime
    last_seen: datetime
    plan: str

    @property
    def can_be_repaired(self) -> bool:
        return self.repair != NO_REPAIR


class PayerAnswer(Answer, frozen=True):
    name: str | None = None
    email: str | None = None
    country: str | None = None


class OrphanAnswer(Answer, frozen=True):
    id: str
    session_id: str
    amount: int
    currency: str
    status: str
    reason: str
    found_at: datetime
    payment_intent: str | None = None
    purchase_id: str | None = None
    matched: bool = False
    event_id: str | None = None
    due_at: datetime | None = None
    refund_id: str | None = None
    payer: PayerAnswer = field(default_factory=PayerAnswer)


class EventAnswer(Answer, frozen=True):
    """An event that could not be applied; without `next_try` it was given up."""

    id: str
    kind: str
    why: str
    state: str
    first_seen: datetime
    last_tried: datetime
    age_seconds: int
    tries: int
    object_id: str | None = None
    payment_intent: str | None = None
    purchase_id: str | None = None
    next_try: datetime | None = None


class MailAnswer(Answer, frozen=True):
    id: str
    purchase_id: str
    order_number: str
    kind: str
    state: str
    tries: int
    message_id: str
    next_try: datetime | None = None


class AuditAnswer(Answer, frozen=True):
    at: datetime
    by: str
    what: str
    subject: str
    why: str
    before: dict[str, Fact]
    after: dict[str, Fact]

    @property
    def changes(self) -> dict[str, tuple[Fact, Fact]]:
        """Return what was and what is, by the field."""
        names = [
            *self.before,
            *(name for name in self.after if name not in self.before),
        ]
        return {name: (self.before.get(name), self.after.get(name)) for name in names}
