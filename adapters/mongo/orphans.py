from pymongo.errors import DuplicateKeyError

from adapters.mongo.documents import OrphanDocument
from adapters.mongo.errors import storage_errors
from application.ports.orphans import Orphan


class MongoOrphanRepository:
    async def record(self, orphan: Orphan) -> bool:
        try:
            with storage_errors():
                await OrphanDocument.from_domain(orphan).insert()
        except DuplicateKeyError:
            return False
        return True
