"""Ask the provider how a purchase's session stands."""

from dataclasses import dataclass

from application.conclude_session import ConcludeSession
from application.ports.payments import PaymentGateway
from domain.purchase import Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpSession:
    """The other way to learn of a payment: no webhook is needed for it."""

    conclude: ConcludeSession
    payments: PaymentGateway

    async def __call__(self, purchase: Purchase, *, by: str) -> Purchase:
        """Look, act on the answer, and return the purchase as it is now.

        A purchase without a saved session is returned as it came.

        Raises:
            LivemodeMismatch: nothing was concluded.
            PaymentGatewayUnavailable: nothing was learnt.
            StorageUnavailable: ask again; every step may be repeated.
        """
        if purchase.session is None:
            return purchase
        session = await self.payments.get_session(purchase.session.id)
        return await self.conclude(purchase, session, by=by)
