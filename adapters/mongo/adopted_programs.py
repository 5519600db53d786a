from collections.abc import Collection

from pymongo.errors import DuplicateKeyError

from adapters.mongo.documents import ProgramDocument
from adapters.mongo.errors import storage_errors
from domain.ids import ProgramId, PurchaseId
from domain.program import Program


class MongoAdoptedPrograms:
    async def add(self, program: Program, holders: Collection[PurchaseId]) -> bool:
        row = ProgramDocument.from_domain(program).model_dump(exclude_none=True)
        row["_id"] = row.pop("id")
        spots = sorted(set(holders))
        row |= {"spots": spots, "class_rep_count": len(spots)}
        try:
            with storage_errors():
                await ProgramDocument.get_pymongo_collection().insert_one(row)
        except DuplicateKeyError:
            return False
        return True

    async def hold(self, program_id: ProgramId, purchase_id: PurchaseId) -> bool:
        with storage_errors():
            result = await ProgramDocument.get_pymongo_collection().update_one(
                {"_id": program_id, "spots": {"$ne": purchase_id}},
                {"$push": {"spots": purchase_id}, "$inc": {"class_rep_count": 1}},
            )
        return result.matched_count == 1
