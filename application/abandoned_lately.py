"""Who left class-rep checkouts lately, as it was some seconds ago."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.purchases import PurchaseRepository
from domain.cool_down import CoolDown
from domain.ids import BuyerId, ProgramId
from domain.purchase import Purchase

KEPT_FOR: Final = timedelta(seconds=10)
ROWS_MAX: Final = 1_000  # beyond that nothing is kept, and each buyer looked up (I20)

Counts = Counter[tuple[BuyerId, ProgramId]]


@dataclass(slots=True, kw_only=True)
class AbandonedLately:
    """How many each buyer left of each program, read for all of them at once.

    A snapshot of ten seconds spares most buyers a look of their own.  It only ever says
    that there is nothing to look for, and another instance's news may be missing in it
    (docs/adr/0023).
    """

    clock: Clock
    cool_down: CoolDown
    purchases: PurchaseRepository
    _counts: Counts | None = field(default=None, init=False)
    _at: datetime | None = field(default=None, init=False)
    _is_reading: bool = field(default=False, init=False)
    _meanwhile: Counts = field(default_factory=Counter, init=False)

    async def count(self, buyer_id: BuyerId, program_id: ProgramId) -> int | None:
        """Return how many this buyer left of this program; None: that is not known.

        It is not known while somebody else reads it, or if too many buyers left
        something.

        Raises:
            StorageUnavailable: it could not be read.
        """
        if not self._is_fresh and not self._is_reading:
            await self._read()
        if not self._is_fresh or self._counts is None:
            return None
        return self._counts[buyer_id, program_id]

    def note(self, purchase: Purchase) -> None:
        """Count one that this process has closed just now.

        One that is in the snapshot as well, because it was being read, counts twice,
        which costs its buyer a look and no more.
        """
        left = purchase.buyer.id, purchase.program.id
        if self._is_fresh and self._counts is not None:
            self._counts[left] += 1
        if self._is_reading:
            self._meanwhile[left] += 1

    def forget(self) -> None:
        """Begin anew, as a process does."""
        self._at, self._is_reading = None, False

    @property
    def _is_fresh(self) -> bool:
        """Say whether it may be gone by; a clock that went back says nothing."""
        if self._at is None:
            return False
        return timedelta(0) <= self.clock.now() - self._at < KEPT_FOR

    async def _read(self) -> None:
        at, self._meanwhile = self.clock.now(), Counter()
        self._is_reading = True
        try:
            left = await self.purchases.abandoned_since(
                at - self.cool_down.within, limit=ROWS_MAX
            )
        finally:
            self._is_reading = False
        self._at = at
        self._counts = None if left is None else Counter(left) + self._meanwhile
