"""Look whether a buyer has to wait before the next class-rep checkout."""

from dataclasses import dataclass

from application.abandoned_lately import AbandonedLately
from application.ports.clock import Clock
from application.ports.purchases import PurchaseRepository
from domain.cool_down import CoolDown, CoolingDown
from domain.ids import BuyerId, ProgramId


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCoolDown:
    """Courtesy to the other buyers, not safety: spots are counted elsewhere.

    What a snapshot of all buyers clears is not looked up; nobody is refused by it.
    """

    clock: Clock
    cool_down: CoolDown
    lately: AbandonedLately
    purchases: PurchaseRepository

    async def __call__(
        self, buyer_id: BuyerId, program_id: ProgramId
    ) -> CoolingDown | None:
        """Return the refusal, if this buyer left too many; None: nothing to wait for.

        Raises:
            StorageUnavailable: it could not be read.
        """
        if not self.cool_down.after:
            return None
        left = await self.lately.count(buyer_id, program_id)
        if left is not None and left < self.cool_down.after:
            return None
        at = self.clock.now()
        abandoned = await self.purchases.abandoned_at(
            buyer_id=buyer_id,
            program_id=program_id,
            since=at - self.cool_down.within,
            limit=self.cool_down.after,
        )
        wait = self.cool_down.wait(abandoned, at=at)
        return None if wait is None else CoolingDown(wait=wait)
