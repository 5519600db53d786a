"""Programs and purchases as the system before this one kept them (docs/adr/0021)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import DomainError


class NotAdoptable(DomainError):
    """A record of the predecessor that has no place here; `why` names no person."""

    code = "not_adoptable"

    def __init__(self, why: str) -> None:
        super().__init__(f"It cannot be taken over: {why}.")
        self.why = why


class OldStatus(StrEnum):
    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    REFUND_PROCESSING = "refund_processing"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldProgram:
    """A program; amounts in minor units.

    `class_rep_count` is its own counter, which leaked in both directions and is only
    compared, never believed.
    """

    id: str
    title: str
    program_type: str
    full_price: int
    class_rep_discount: int = 0
    early_bird_discount: int = 0
    early_bird_deadline: datetime | None = None
    is_free: bool = False
    class_rep_limit: int = 0
    class_rep_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OldPurchase:
    """A purchase; amounts in minor units, ids of Stripe only where there is one."""

    id: str
    user_id: str
    program_id: str
    order_number: str
    status: OldStatus
    full_price: int
    class_rep_discount: int
    early_bird_discount: int
    final_price: int
    is_class_rep: bool
    is_early_bird: bool
    email: str
    name: str
    created_at: datetime
    purchased_at: datetime
    country: str | None = None
    session_id: str | None = None
    payment_intent: str | None = None
    refund_id: str | None = None
    method: str | None = None
    brand: str | None = None
    last4: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OddRecord:
    """A record that cannot be read: where it is, and which field is odd."""

    collection: str
    id: str
    why: str
