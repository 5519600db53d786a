"""The TypeScript service's collections, as its Mongoose models wrote them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from adapters.mongo.connection import Client
from adapters.mongo.errors import storage_errors
from application.ports.predecessor import TooManyRecords
from domain.predecessor import OddRecord, OldProgram, OldPurchase, OldStatus

RECORDS_MAX: Final = 200_000
PROGRAMS: Final = "programs"
PURCHASES: Final = "purchases"
OF_A_PROGRAM: Final = "program"

T = TypeVar("T")


class _Odd(ValueError):
    """A field is not what its model says; the argument names it, never its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MongoPredecessor:
    client: Client
    database: str
    most: int = RECORDS_MAX

    async def programs(self) -> Sequence[OldProgram | OddRecord]:
        return await self._all(PROGRAMS, _program)

    async def purchases(self) -> Sequence[OldPurchase | OddRecord]:
        return await self._all(PURCHASES, _purchase)

    async def _all(
        self, collection: str, read: Callable[[Mapping[str, Any]], T]
    ) -> Sequence[T | OddRecord]:
        with storage_errors():
            rows = await (
                self.client[self.database][collection]
                .find({})
                .sort("_id")
                .limit(self.most + 1)
                .to_list()
            )
        if len(rows) > self.most:
            raise TooManyRecords(self.most)
        return [_read(collection, row, read) for row in rows]


def _read(
    collection: str, row: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]
) -> T | OddRecord:
    try:
        return read(row)
    except _Odd as error:
        return OddRecord(collection=collection, id=str(row["_id"]), why=str(error))


def _program(row: Mapping[str, Any]) -> OldProgram:
    return OldProgram(
        id=str(row["_id"]),
        title=_text(row, "title"),
        program_type=_perhaps(row, "programType") or "Program",
        full_price=_whole(row, "fullPriceTicket"),
        class_rep_discount=_whole(row, "classRepDiscount", absent=0),
        early_bird_discount=_whole(row, "earlyBirdDiscount", absent=0),
        early_bird_deadline=_moment(row, "earlyBirdDeadline"),
        is_free=row.get("isFree") is True,
        class_rep_limit=_whole(row, "classRepLimit", absent=0),
        class_rep_count=_signed(row, "classRepCount", absent=0),
    )


def _purchase(row: Mapping[str, Any]) -> OldPurchase:
    if row.get("purchaseType", OF_A_PROGRAM) != OF_A_PROGRAM:
        raise _Odd("it is the ticket of an event")
    billing, method = _part(row, "billingInfo"), _part(row, "paymentMethod")
    bought = _moment(row, "purchaseDate")
    created = _moment(row, "createdAt") or bought
    if created is None:
        raise _Odd("createdAt")
    return OldPurchase(
        id=str(row["_id"]),
        user_id=_reference(row, "userId"),
        program_id=_reference(row, "programId"),
        order_number=_text(row, "orderNumber"),
        status=_status(row),
        full_price=_whole(row, "fullPrice"),
        class_rep_discount=_whole(row, "classRepDiscount", absent=0),
        early_bird_discount=_whole(row, "earlyBirdDiscount", absent=0),
        final_price=_whole(row, "finalPrice"),
        is_class_rep=row.get("isClassRep") is True,
        is_early_bird=row.get("isEarlyBird") is True,
        email=_perhaps(billing, "email") or "",
        name=_perhaps(billing, "fullName") or "",
        country=_perhaps(billing, "country"),
        created_at=created,
        purchased_at=bought or created,
        session_id=_perhaps(row, "stripeSessionId"),
        payment_intent=_perhaps(row, "stripePaymentIntentId"),
        refund_id=_perhaps(row, "stripeRefundId"),
        method=_perhaps(method, "type"),
        brand=_perhaps(method, "cardBrand"),
        last4=_perhaps(method, "last4"),
    )


def _status(row: Mapping[str, Any]) -> OldStatus:
    try:
        return OldStatus(str(row.get("status")))
    except ValueError:
        raise _Odd("status") from None


def _part(row: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = row.get(field) or {}
    if not isinstance(value, Mapping):
        raise _Odd(field)
    return value


def _reference(row: Mapping[str, Any], field: str) -> str:
    """Return an id, an ObjectId or whatever it was, as its JSON wrote it."""
    if row.get(field) is None:
        raise _Odd(field)
    return str(row[field])


def _text(row: Mapping[str, Any], field: str) -> str:
    value = _perhaps(row, field)
    if value is None:
        raise _Odd(field)
    return value


def _perhaps(row: Mapping[str, Any], field: str) -> str | None:
    """Return a text; the predecessor wrote an empty one where it had none yet."""
    value = row.get(field)
    if value is not None and not isinstance(value, str):
        raise _Odd(field)
    return value.strip() or None if value else None


def _whole(row: Mapping[str, Any], field: str, *, absent: int | None = None) -> int:
    number = _signed(row, field, absent=absent)
    if number < 0:
        raise _Odd(field)
    return number


def _signed(row: Mapping[str, Any], field: str, *, absent: int | None = None) -> int:
    """Return a whole number: JavaScript may have stored it as 900.0."""
    value = row.get(field)
    if value is None:
        value = absent
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Odd(field)
    if value != value // 1:
        raise _Odd(field)
    return int(value)


def _moment(row: Mapping[str, Any], field: str) -> datetime | None:
    value = row.get(field)
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise _Odd(field)
    return value if value.tzinfo else value.replace(tzinfo=UTC)
