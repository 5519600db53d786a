from typing import Protocol

from application.errors import ApplicationError


class StorageUnfit(ApplicationError):
    """The database answers, but lacks an index on which a rule rests."""

    code = "storage_unfit"

    def __init__(self, index: str, why: str) -> None:
        super().__init__(f"The index {index} {why}.")
        self.index = index


class StorageHealth(Protocol):
    async def check(self) -> None:
        """Return when the database answers and has every index that a rule needs.

        Raises:
            StorageUnavailable: it does not answer.
            StorageUnfit: a unique index is missing or differs.
        """
        ...
