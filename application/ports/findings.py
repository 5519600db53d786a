from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.pages import Page
from domain.findings import Finding, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFinding:
    """A finding, since when it is known, and how often it was seen."""

    finding: Finding
    first_seen: datetime
    last_seen: datetime
    times: int = 1
    gone_at: datetime | None = None
    told: Told | None = None


class FindingRepository(Protocol):
    """The findings of the last inspections, by their ids.

    Each call is one atomic step; every call may raise `StorageUnavailable`.
    """

    async def note(self, finding: Finding, *, at: datetime) -> KnownFinding:
        """Record that it was seen, with the facts and the severity of now.

        One that was gone begins anew.

        Returns:
            It, with what is known of it, and what the humans were told.
        """
        ...

    async def claim_telling(
        self, known: KnownFinding, *, at: datetime, until: datetime
    ) -> bool:
        """Claim for a while to tell the humans of it.

        Args:
            known: as `note` returned it.
            at: now.
            until: when another may tell, if nobody marked it told by then.  It names
                the claim, too.

        Returns:
            Whether it is ours: it is open, nobody else has claimed it, and they have
            been told nothing since; of any number of callers, one is told so.
        """
        ...

    async def mark_told(
        self, finding: Finding, *, claim: datetime, at: datetime
    ) -> None:
        """Record that the humans have been told of it, as severe as it is.

        Args:
            finding: what they were told.
            claim: until when it was ours; nothing is recorded if it no longer is, for
                then somebody else tells it.
            at: when they were told.
        """
        ...

    async def put_off_telling(
        self, finding_id: str, *, claim: datetime, until: datetime
    ) -> None:
        """Let nobody tell of it until then, if the claim is still ours."""
        ...

    async def give_up_telling(self, finding_id: str, *, claim: datetime) -> None:
        """Leave it to whoever finds it to be told, if the claim is still ours."""
        ...

    async def left_untold(self, *, at: datetime, limit: int) -> Sequence[KnownFinding]:
        """Return those that are open and whose claim or pause is over, oldest first."""
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
