from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from pymongo.errors import DuplicateKeyError

from adapters.mongo.abandoned import abandoned_at, abandoned_since
from adapters.mongo.changes import (
    MAIL,
    fields_of,
    fitting,
    replacing,
    update_of,
)
from adapters.mongo.documents import PurchaseDocument, row_of
from adapters.mongo.due import CLAIM, MOVED, failures, first_due, unclaimed
from adapters.mongo.errors import duplicate_key, storage_errors
from adapters.mongo.indexes import ONE_LIVE_PURCHASE, ONE_ORDER_NUMBER
from adapters.mongo.money import (
    OPEN,
    REVISION,
    UNSETTLED,
    as_read,
    money_update,
    only_waits,
)
from adapters.mongo.pages import read_page
from adapters.mongo.parts import ExtraPaymentPart, MethodPart
from application.ports.purchases import (
    AdminAct,
    LivePurchaseExists,
    Noted,
    OrderNumberTaken,
    OwingPurchase,
    PurchaseNotFound,
    PurchasePage,
    StuckPurchase,
)
from application.ports.storage import StorageUnavailable
from domain.anonymity import Standing, anonymised, standing_of
from domain.errors import DomainError
from domain.ids import BuyerId, ProgramId, PurchaseId, SessionId
from domain.purchase import (
    AWAITING_PAYMENT,
    TERMINAL,
    PaymentMethod,
    Purchase,
    Status,
)
from domain.refunds import EXTRA_PAYMENTS_MAX, ExtraPayment
from domain.transitions import Transition

WITHOUT_LOG: Final = {"log": 0, "acts": 0}
# A resend moves no money, so the revision does not tell of it.
NO_MAIL_DUE: Final = {f"{MAIL}.state": {"$nin": ["due", "leased"]}}
ACTS_MAX: Final = 50  # in one purchase (invariant I20)
EPOCH: Final = datetime.fromtimestamp(0, UTC)  # before whatever is dated

log = structlog.get_logger(__name__)


class MongoPurchaseRepository:
    async def add(self, purchase: Purchase) -> None:
        try:
            with storage_errors():
                await PurchaseDocument.get_pymongo_collection().insert_one(
                    row_of(PurchaseDocument.from_domain(purchase))
                )
        except DuplicateKeyError as error:
            # Servers differ in which broken index they name, and our own write broke
            # them all if it had happened before.  Whoever hears of a live purchase
            # reads it, and sees by its id whose it is.
            refusal = _refusal(error)
            if isinstance(refusal, LivePurchaseExists):
                raise refusal from error
            if not await self._is_stored(purchase.id):
                raise refusal from error

    async def get(self, purchase_id: PurchaseId) -> Purchase:
        purchase = await self._find({"_id": purchase_id})
        if purchase is None:
            raise PurchaseNotFound
        return purchase

    async def find_live(
        self, *, buyer_id: BuyerId, program_id: ProgramId
    ) -> Purchase | None:
        return await self._find(
            {"user_id": buyer_id, "program_id": program_id, "live": True}
        )

    async def find_by_session(self, session_id: SessionId) -> Purchase | None:
        return await self._find({"session.id": session_id})

    async def find_by_payment_intent(self, payment_intent: str) -> Purchase | None:
        # Two plain look-ups: one with `$or` scans on the embedded server.
        return await self._find(
            {"paid.payment_intent": payment_intent}
        ) or await self._find({"extra_payments.payment_intent": payment_intent})

    async def owing(self, *, at: datetime, limit: int) -> Sequence[OwingPurchase]:
        states = ("refunds.state", "extra_payments.state")
        found = await first_due(
            [{OPEN: True}], at=at, fields=("status", *states), limit=limit
        )
        return [
            OwingPurchase(
                id=PurchaseId(row["_id"]),
                status=Status(row["status"]),
                failures=failures(row),
                only_waits=only_waits(row),
            )
            for row in found
        ]

    async def unsettled(self, *, limit: int) -> Sequence[Purchase]:
        with storage_errors():
            rows = await (
                PurchaseDocument.get_pymongo_collection()
                .find({UNSETTLED: {"$gt": EPOCH}}, WITHOUT_LOG)
                .sort(UNSETTLED)
                .limit(limit)
                .to_list()
            )
        return list(readable(rows))

    async def terminal_among(
        self, purchase_ids: Collection[PurchaseId]
    ) -> frozenset[PurchaseId]:
        with storage_errors():
            found = await (
                PurchaseDocument.get_pymongo_collection()
                .find(
                    {
                        "_id": {"$in": list(purchase_ids)},
                        "status": {"$in": sorted(TERMINAL)},
                    },
                    {"_id": 1},
                )
                .to_list()
            )
        return frozenset(PurchaseId(row["_id"]) for row in found)

    async def page_of(
        self,
        buyer_id: BuyerId,
        *,
        statuses: Collection[Status],
        page: int,
        size: int,
    ) -> PurchasePage:
        found, total = await read_page(
            PurchaseDocument,
            {"user_id": buyer_id, "status": {"$in": sorted(statuses)}},
            sort=[("created_at", -1), ("_id", -1)],
            without=WITHOUT_LOG,
            page=page,
            size=size,
        )
        return PurchasePage(items=tuple(map(to_purchase, found)), total=total)

    async def abandoned_at(
        self,
        *,
        buyer_id: BuyerId,
        program_id: ProgramId,
        since: datetime,
        limit: int,
    ) -> Sequence[datetime]:
        return await abandoned_at(buyer_id, program_id, since=since, limit=limit)

    async def abandoned_since(
        self, since: datetime, *, limit: int
    ) -> Sequence[tuple[BuyerId, ProgramId]] | None:
        return await abandoned_since(since, limit=limit)

    async def change(
        self, purchase_id: PurchaseId, transition: Transition, *, at: datetime, by: str
    ) -> bool:
        try:
            return await update_purchase(
                {"_id": purchase_id, **fitting(transition)},
                update_of(transition, at=at, by=by),
            )
        except DuplicateKeyError as error:
            taken = ", ".join(duplicate_key(error))
            raise ValueError(f"two purchases of one {taken}") from error

    async def note_extra_payment(
        self, purchase_id: PurchaseId, payment: ExtraPayment, *, at: datetime
    ) -> Noted:
        last = f"extra_payments.{EXTRA_PAYMENTS_MAX - 1}"
        is_new = await update_purchase(
            {
                "_id": purchase_id,
                "extra_payments.session_id": {"$ne": payment.session_id},
                last: {"$exists": False},
            },
            {
                "$push": {"extra_payments": _row(payment)},
                "$set": {"updated_at": at, OPEN: True},
                "$min": {UNSETTLED: at},
                "$inc": {REVISION: 1},
            },
        )
        if is_new:
            return Noted.NEW
        return _why_not(payment, (await self.get(purchase_id)).extra_payments)

    async def swap_money(
        self, before: Purchase, after: Purchase, *, at: datetime, by: str
    ) -> bool:
        return await update_purchase(
            as_read(before), money_update(before, after, at=at, by=by)
        )

    async def note_processing(self, purchase_id: PurchaseId, *, at: datetime) -> None:
        await update_purchase(
            {"_id": purchase_id, "status": {"$in": sorted(AWAITING_PAYMENT)}},
            {"$set": {"processing": True, "updated_at": at}},
        )

    async def note_payment_method(
        self, purchase_id: PurchaseId, method: PaymentMethod
    ) -> None:
        fields = fields_of("payment_method", MethodPart.from_domain(method))
        await update_purchase({"_id": purchase_id}, replacing(fields))

    async def note_act(self, purchase_id: PurchaseId, act: AdminAct) -> None:
        entry = {"at": act.at, "what": act.what, "by": act.by, "why": act.why}
        pushed = {"$each": [entry], "$slice": -ACTS_MAX}
        if not await update_purchase({"_id": purchase_id}, {"$push": {"acts": pushed}}):
            raise PurchaseNotFound

    async def anonymise(self, purchase: Purchase) -> bool:
        if standing_of(purchase) is not Standing.READY:
            return False
        nobody = anonymised(purchase).buyer
        sets: dict[str, Any] = {"buyer.email": nobody.email, "buyer.name": nobody.name}
        if purchase.request is not None:
            sets["stripe_req.parameters"] = {}
        return await update_purchase(
            as_read(purchase) | NO_MAIL_DUE, {"$set": sets, "$unset": {"payer": ""}}
        )

    async def claim_look(
        self, purchase_id: PurchaseId, *, at: datetime, not_since: datetime
    ) -> bool:
        return await update_purchase(
            {"_id": purchase_id, "looked_at": {"$not": {"$gt": not_since}}},
            {"$set": {"looked_at": at}},
        )

    async def stuck(
        self,
        statuses: Collection[Status],
        *,
        before: datetime,
        at: datetime,
        limit: int,
    ) -> Sequence[StuckPurchase]:
        queues = [
            {"status": status, MOVED: {"$lte": before}} for status in sorted(statuses)
        ]
        found = await first_due(queues, at=at, fields=["status"], limit=limit)
        return [
            StuckPurchase(
                id=PurchaseId(row["_id"]),
                status=Status(row["status"]),
                failures=failures(row),
            )
            for row in found
        ]

    async def claim_drive(
        self, stuck: StuckPurchase, *, at: datetime, until: datetime
    ) -> bool:
        return await update_purchase(
            {"_id": stuck.id, "status": stuck.status, **unclaimed(at)},
            {"$set": {CLAIM: until}},
        )

    async def note_drive_failure(self, purchase_id: PurchaseId) -> None:
        await update_purchase({"_id": purchase_id}, {"$inc": {"drive.failures": 1}})

    async def _is_stored(self, purchase_id: PurchaseId) -> bool:
        with storage_errors():
            found = await PurchaseDocument.get_pymongo_collection().find_one(
                {"_id": purchase_id}, {"_id": 1}
            )
        return found is not None

    async def _find(self, by: Mapping[str, Any]) -> Purchase | None:
        with storage_errors():
            found = await PurchaseDocument.get_pymongo_collection().find_one(
                by, WITHOUT_LOG
            )
        return None if found is None else to_purchase(found)


def to_purchase(row: Mapping[str, Any]) -> Purchase:
    document: PurchaseDocument = PurchaseDocument.model_validate(row)
    return document.to_domain()


def readable(rows: Sequence[Mapping[str, Any]]) -> Iterator[Purchase]:
    """Leave out what cannot be read: one odd row must not hide the others."""
    for row in rows:
        try:
            yield to_purchase(row)
        except (ValueError, DomainError):  # pydantic's is a ValueError
            log.exception("purchase unreadable", purchase_id=row["_id"])


async def update_purchase(
    only_if: Mapping[str, Any], update: Mapping[str, Any]
) -> bool:
    """Write under a condition, which is in the filter so that the server decides.

    Returns:
        Whether it held.
    """
    with storage_errors():
        result = await PurchaseDocument.get_pymongo_collection().update_one(
            only_if, update
        )
    return result.matched_count == 1


def _refusal(error: DuplicateKeyError) -> Exception:
    fields = duplicate_key(error)
    refusals = {
        ONE_LIVE_PURCHASE: LivePurchaseExists,
        ONE_ORDER_NUMBER: OrderNumberTaken,
    }
    if fields in refusals:
        return refusals[fields]()
    return ValueError(f"two purchases of one {', '.join(fields)}")


def _row(payment: ExtraPayment) -> dict[str, Any]:
    return ExtraPaymentPart.from_domain(payment).at_rest()


def _why_not(payment: ExtraPayment, rows: Collection[ExtraPayment]) -> Noted:
    """Say why a row was not added: rows are never taken away again."""
    if any(row.session_id == payment.session_id for row in rows):
        return Noted.BEFORE
    if len(rows) >= EXTRA_PAYMENTS_MAX:
        return Noted.NO_ROOM
    raise StorageUnavailable  # the read is behind the write: nothing may be concluded
