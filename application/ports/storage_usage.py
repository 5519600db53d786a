from typing import Protocol


class StorageUsage(Protocol):
    async def used(self) -> int:
        """Return how many bytes the database counts against its quota.

        Raises:
            StorageUnavailable: it does not answer.
        """
        ...
