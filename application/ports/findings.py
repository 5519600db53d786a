from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.pages import Page
from domain.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFinding:
    """A finding, since when it is known, and how often it was seen."""

    finding: Finding
    first_seen: datetime
    last_seen: datetime
    times: int = 1
    gone_at: datetime | None = None


class FindingRepository(Protocol):
    """The findings of the last inspections, by their ids.

    Each call is one atomic step; every call may raise `StorageUnavailable`.
    """

    async def note(self, finding: Finding, *, at: datetime) -> bool:
        """Record that it was seen, with the facts and the severity of now.

        One that was gone begins anew.

        Returns:
            Whether nobody was told of it yet, or only when it was less severe.
        """
        ...

    async def claim_telling(self, finding: Finding) -> bool:
        """Claim the right to tell the humans of it, as severe as it is.

        Returns:
            Whether nobody has told that; of any number of callers, one is told so.
        """
        ...

    async def mark_gone(self, finding_id: str, *, at: datetime) -> bool:
        """Record that it was looked for and is no more.

        Returns:
            Whether it was open, and nobody has seen it since.
        """
        ...

    async def open(self, *, limit: int) -> Sequence[KnownFinding]:
        """Return those that are not gone, the worst first, then the oldest."""
        ...

    async def page(self, *, page: int, size: int) -> Page[KnownFinding]:
        """Return a page of those that are not gone, from 1, sorted as in `open`."""
        ...

    async def get(self, finding_id: str) -> KnownFinding | None:
        """Return one, also one that is gone; None if it was never seen."""
        ...
