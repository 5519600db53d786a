"""Rows as the first system's Mongoose models wrote them, and their every defect."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bson import ObjectId

BEGAN: Final = datetime(2025, 10, 16, 9, tzinfo=UTC)
CHOIR: Final = ObjectId("68f0a1b2c3d4e5f601020304")
CHESS: Final = ObjectId("68f0a1b2c3d4e5f601020305")
ADA: Final = ObjectId("68f0a1b2c3d4e5f6000000a1")
GRACE: Final = ObjectId("68f0a1b2c3d4e5f6000000a2")


def program(id_: Any = CHOIR, **changes: Any) -> dict[str, Any]:
    return {
        "_id": id_,
        "title": "Choir",
        "programType": "EMBA Mentor Circles",
        "isFree": False,
        "fullPriceTicket": 90_000,
        "classRepDiscount": 20_000,
        "earlyBirdDiscount": 10_000,
        "earlyBirdDeadline": BEGAN + timedelta(days=30),
        "classRepLimit": 2,
        "classRepCount": 0,
        "mentors": [],
        "__v": 0,
        **changes,
    }


class Orders:
    """Numbers the rows, as the first system did."""

    def __init__(self) -> None:
        self.count = 0

    def row(self, user: Any = ADA, **changes: Any) -> dict[str, Any]:
        self.count += 1
        at = BEGAN + timedelta(minutes=self.count)
        return {
            "_id": ObjectId(f"68f0a1b2c3d4e5f6aa00{self.count:04d}"),
            "userId": user,
            "purchaseType": "program",
            "programId": CHOIR,
            "orderNumber": f"ORD-20251016-{self.count:05d}",
            "fullPrice": 90_000,
            "classRepDiscount": 0,
            "earlyBirdDiscount": 0,
            "finalPrice": 90_000,
            "isClassRep": False,
            "isEarlyBird": False,
            "billingInfo": {"fullName": "Ada L.", "email": "ada@x.example"},
            "paymentMethod": {"type": "card", "cardBrand": "visa", "last4": "4242"},
            "stripeSessionId": f"cs_test_gone{self.count}",
            "status": "failed",
            "purchaseDate": at,
            "createdAt": at,
            "updatedAt": at,
            "__v": 0,
            **changes,
        }

    def paid(self, user: Any = ADA, **changes: Any) -> dict[str, Any]:
        intent = f"pi_test_{self.count + 1}"
        paid = {"status": "completed", "stripePaymentIntentId": intent}
        return self.row(user, **paid, **changes)


def as_rep(**changes: Any) -> dict[str, Any]:
    price = {"classRepDiscount": 20_000, "finalPrice": 70_000}
    return {"isClassRep": True, **price, **changes}
