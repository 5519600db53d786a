"""May this person enter that program?"""

from dataclasses import dataclass
from enum import StrEnum

from application.ports.programs import ProgramRepository
from application.ports.purchases import PurchaseRepository
from domain.ids import BuyerId, ProgramId


class AccessReason(StrEnum):
    ADMIN = "admin"
    FREE = "free"
    PURCHASED = "purchased"
    NOT_PURCHASED = "not_purchased"

    @property
    def has_access(self) -> bool:
        return self is not AccessReason.NOT_PURCHASED


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAccess:
    """Access lasts from a completed purchase until a refund of it has succeeded."""

    programs: ProgramRepository
    purchases: PurchaseRepository

    async def __call__(
        self, buyer_id: BuyerId, program_id: ProgramId, *, is_admin: bool
    ) -> AccessReason:
        """Say whether, and why.  A retired program stays open to those who bought it.

        Raises:
            ProgramNotFound: there is no such program.
            StorageUnavailable: ask again.
        """
        program = await self.programs.get(program_id)
        if is_admin:
            return AccessReason.ADMIN
        if program.terms.is_free:
            return AccessReason.FREE
        live = await self.purchases.find_live(buyer_id=buyer_id, program_id=program_id)
        if live is not None and live.is_owned:
            return AccessReason.PURCHASED
        return AccessReason.NOT_PURCHASED
