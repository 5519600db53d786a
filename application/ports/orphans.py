from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.pages import Page
from domain.ids import PurchaseId
from domain.orphans import Orphan


@dataclass(frozen=True, slots=True, kw_only=True)
class OwingOrphan:
    """An orphan to be driven; `failures` says how often it was in vain."""

    id: str
    failures: int = 0


class OrphanRepository(Protocol):
    """Payments without a purchase: no money is without a record (invariant I12).

    Every call may raise `StorageUnavailable`.
    """

    async def record(self, orphan: Orphan) -> bool:
        """Record it by its payment, once, as claimed until it is due.

        Returns:
            Whether it was new.
        """
        ...

    async def anonymise(self, purchase_id: PurchaseId) -> None:
        """Forget who paid the orphans that name this purchase; the money stays."""
        ...

    async def find(self, payment: str) -> Orphan | None:
        """Return the orphan of a payment intent, or of a session that has none."""
        ...

    async def get(self, payment: str) -> Orphan:
        """Return an orphan that was recorded.

        Raises:
            KeyError: it never was.
        """
        ...

    async def owing(self, *, at: datetime, limit: int) -> Sequence[OwingOrphan]:
        """Return those that are owed and not claimed, the longest due first.

        Only their names, so that a row which cannot be read hides no other.
        """
        ...

    async def open_orphans(self, *, limit: int) -> Sequence[Orphan]:
        """Return those for which anybody still waits, the oldest first."""
        ...

    async def page(self, *, only_open: bool, page: int, size: int) -> Page[Orphan]:
        """Return one page, counted from 1, the one that was found first before others.

        Args:
            only_open: leave out those that nobody waits for any more.
            page: which one.
            size: how many it holds.
        """
        ...

    async def claim_drive(self, payment: str, *, at: datetime, until: datetime) -> bool:
        """Claim it for a while, unless another has.

        Returns:
            Whether it is ours.
        """
        ...

    async def note_drive_failure(self, payment: str) -> None:
        """Count that it was driven in vain."""
        ...

    async def swap(self, before: Orphan, after: Orphan) -> bool:
        """Store what moved, if nothing has moved since `before` was read.

        Returns:
            Whether it was stored, under the next revision.
        """
        ...
