from pymongo.errors import DuplicateKeyError

from adapters.mongo.documents import OrphanDocument
from adapters.mongo.errors import storage_errors
from application.ports.orphans import Orphan
from domain.ids import PurchaseId


class MongoOrphanRepository:
    async def record(self, orphan: Orphan) -> bool:
        try:
            with storage_errors():
                await OrphanDocument.from_domain(orphan).insert()
        except DuplicateKeyError:
            return False
        return True

    async def anonymise(self, purchase_id: PurchaseId) -> None:
        orphans = OrphanDocument.get_pymongo_collection()
        with storage_errors():
            await orphans.update_many(
                {"purchase_id": purchase_id}, {"$unset": {"payer": ""}}
            )
