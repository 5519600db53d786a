from datetime import UTC, datetime
from random import Random

from domain.ids import ORDER_NUMBER_BYTES, OrderNumber, PurchaseId, order_number


class SeededRandomness:
    """The same sequence for the same seed, so that a failing run can be run again."""

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)

    def purchase_id(self) -> PurchaseId:
        return PurchaseId(self._random.randbytes(16).hex())

    def refund_id(self) -> str:
        return f"rf_{self._random.randbytes(16).hex()}"

    def order_number(self, *, at: datetime) -> OrderNumber:
        entropy = self._random.randbytes(ORDER_NUMBER_BYTES)
        return order_number(on=at.astimezone(UTC).date(), entropy=entropy)

    def jitter(self) -> float:
        return self._random.random()
