from datetime import datetime
from typing import Protocol


class Turns(Protocol):
    """Whose turn it is to do a job that one instance at a time had better do.

    It saves work and decides nothing: two that believe it is theirs do no harm.  Every
    call may raise `StorageUnavailable`.
    """

    async def take(self, job: str, *, by: str, at: datetime, until: datetime) -> bool:
        """Take the turn for a while, unless another has it.

        Returns:
            Whether it is ours.
        """
        ...

    async def give_back(self, job: str, *, by: str, at: datetime) -> None:
        """End the turn at `at`, if `by` still has it: what it was for did not happen.

        Others may take it at once.
        """
        ...

    async def mark(self, job: str) -> datetime | None:
        """Return how far the job has come, or None when it was never finished."""
        ...

    async def move_mark(self, job: str, *, to: datetime) -> None:
        """Record how far it has come; never back."""
        ...
