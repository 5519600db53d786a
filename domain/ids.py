"""Names of things, kept apart by the type checker."""

from datetime import date
from typing import Final, NewType

BuyerId = NewType("BuyerId", str)
OrderNumber = NewType("OrderNumber", str)
ProgramId = NewType("ProgramId", str)
PurchaseId = NewType("PurchaseId", str)
SessionId = NewType("SessionId", str)

ID_PATTERN: Final = "[A-Za-z0-9_-]{1,64}"  # of programs and purchases, in any address
ORDER_NUMBER_BYTES: Final = 10  # 80 bits: nobody guesses one, no two meet
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: read aloud safely
_BITS: Final = 5


def order_number(*, on: date, entropy: bytes) -> OrderNumber:
    """Write an order number, `ORD-YYYYMMDD-` and 16 letters.

    Args:
        on: the day of the order, in UTC.
        entropy: `ORDER_NUMBER_BYTES` unpredictable bytes.
    """
    if len(entropy) != ORDER_NUMBER_BYTES:
        raise ValueError(f"{len(entropy)} bytes make no order number")
    number = int.from_bytes(entropy)
    letters = (
        _LETTERS[(number >> shift) & (len(_LETTERS) - 1)]
        for shift in range(0, ORDER_NUMBER_BYTES * 8, _BITS)
    )
    return OrderNumber(f"ORD-{on:%Y%m%d}-{''.join(letters)}")
