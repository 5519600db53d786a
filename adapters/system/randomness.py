import secrets
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from domain.ids import ORDER_NUMBER_BYTES, OrderNumber, PurchaseId, order_number

_STEPS: Final = 2**32


class SystemRandomness:
    """The operating system's own: an id that can be guessed can be probed."""

    def purchase_id(self) -> PurchaseId:
        return PurchaseId(uuid4().hex)

    def refund_id(self) -> str:
        return f"rf_{uuid4().hex}"

    def order_number(self, *, at: datetime) -> OrderNumber:
        entropy = secrets.token_bytes(ORDER_NUMBER_BYTES)
        return order_number(on=at.astimezone(UTC).date(), entropy=entropy)

    def jitter(self) -> float:
        return secrets.randbelow(_STEPS) / _STEPS
