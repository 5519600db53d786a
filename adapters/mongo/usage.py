from dataclasses import dataclass

from adapters.mongo.connection import Client
from adapters.mongo.errors import storage_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class MongoStorageUsage:
    """Counts like Atlas on its small plans: documents uncompressed, and indexes.

    https://www.mongodb.com/docs/atlas/reference/faq/storage/; only our own database,
    so that what others keep in the same cluster is not seen.
    """

    client: Client
    database: str

    async def used(self) -> int:
        with storage_errors():
            stats = await self.client[self.database].command("dbStats")
        return int(stats["dataSize"] + stats["indexSize"])
