"""Find the purchase to which a session belongs."""

from dataclasses import dataclass

from application.ports.purchases import PurchaseNotFound, PurchaseRepository
from domain.checkout import CheckoutSession
from domain.purchase import Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class FindBySession:
    """By the id that we wrote on the session, or by the session.

    The id comes first: word of a session may overtake the write that saves it.
    """

    purchases: PurchaseRepository

    async def __call__(self, session: CheckoutSession) -> Purchase | None:
        """Return the purchase, or None.

        Raises:
            StorageUnavailable: nothing is known.
        """
        if session.purchase_id is None:
            return await self.purchases.find_by_session(session.id)
        try:
            return await self.purchases.get(session.purchase_id)
        except PurchaseNotFound:
            return None
