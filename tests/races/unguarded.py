"""The service's own repositories, each less one guard, for negative controls.

Readers come in pairs: nobody goes on before another has read the same.  So a control
fails by its fault and not by luck.
"""

import asyncio
from datetime import datetime

from adapters.mongo.changes import update_of
from adapters.mongo.documents import ProgramDocument, PurchaseDocument
from adapters.mongo.money import money_update
from adapters.mongo.programs import MongoProgramRepository
from adapters.mongo.purchases import MongoPurchaseRepository
from domain.class_rep import SpotsExhausted
from domain.ids import ProgramId, PurchaseId
from domain.purchase import Purchase
from domain.transitions import Transition


class CheckThenPush(MongoProgramRepository):
    """Looks for room first and takes the spot after, as the seed did."""

    def __init__(self) -> None:
        super().__init__()
        self._pair = asyncio.Barrier(2)

    async def reserve_spot(
        self,
        program_id: ProgramId,
        purchase_id: PurchaseId,
        *,
        limit: int,
        revision: int | None = None,
    ) -> None:
        program = await self.get(program_id)
        await self._pair.wait()
        if not program.has_a_free_spot:
            raise SpotsExhausted(limit=limit)
        await ProgramDocument.get_pymongo_collection().update_one(
            {"_id": program_id},
            {"$push": {"spots": purchase_id}, "$inc": {"class_rep_count": 1}},
        )


class CountDown(MongoProgramRepository):
    """Releases by a counter, whoever held the spot, as the seed did."""

    async def release_spot(
        self, program_id: ProgramId, purchase_id: PurchaseId
    ) -> bool:
        await ProgramDocument.get_pymongo_collection().update_one(
            {"_id": program_id},
            {"$pull": {"spots": purchase_id}, "$inc": {"class_rep_count": -1}},
        )
        return True


class WriteBlindly(MongoPurchaseRepository):
    """Changes a purchase whatever its status has become since it was read."""

    def __init__(self) -> None:
        super().__init__()
        self._pair = asyncio.Barrier(2)

    async def get(self, purchase_id: PurchaseId) -> Purchase:
        purchase = await super().get(purchase_id)
        await self._pair.wait()
        return purchase

    async def change(
        self, purchase_id: PurchaseId, transition: Transition, *, at: datetime, by: str
    ) -> bool:
        result = await PurchaseDocument.get_pymongo_collection().update_one(
            {"_id": purchase_id}, update_of(transition, at=at, by=by)
        )
        return result.matched_count == 1


class SwapBlindly(MongoPurchaseRepository):
    """Stores money whatever has moved since it was read."""

    def __init__(self) -> None:
        super().__init__()
        self._pair = asyncio.Barrier(2)

    async def swap_money(
        self, before: Purchase, after: Purchase, *, at: datetime, by: str
    ) -> bool:
        await self._pair.wait()
        result = await PurchaseDocument.get_pymongo_collection().update_one(
            {"_id": before.id}, money_update(before, after, at=at, by=by)
        )
        return result.matched_count == 1
