"""A human asks for a confirmation to be sent once more."""

from dataclasses import dataclass
from typing import Final

from application.confirmation import Confirmations
from application.errors import ApplicationError
from application.ports.clock import Clock
from application.ports.outbox import MailBell, MailOutbox
from application.ports.purchases import PurchaseRepository
from application.ports.storage import StorageUnavailable
from domain.anonymity import is_anonymised
from domain.ids import PurchaseId
from domain.purchase import Purchase

READS_MAX: Final = 3


class CannotResend(ApplicationError):
    """There is nothing to send, or it is on its way already."""

    code = "cannot_resend"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendConfirmation:
    """Make a confirmation due that was sent, or that was given up.

    It goes the way of every other: leased, tried twelve times, marked.  While one is
    due or leased no other is asked for, so an impatient admin sends no flood.
    """

    bell: MailBell
    clock: Clock
    confirmations: Confirmations
    outbox: MailOutbox
    purchases: PurchaseRepository

    async def __call__(self, purchase_id: PurchaseId) -> Purchase:
        """Return the purchase, its mail due.

        Raises:
            CannotResend: it was never completed, its mail is on its way, or its buyer
                is anonymised.
            PurchaseNotFound: no such purchase.
            StorageUnavailable: ask again; a mail that is due by then is refused.
        """
        for _ in range(READS_MAX):
            purchase = await self.purchases.get(purchase_id)
            mail = purchase.confirmation
            if mail is None:
                raise CannotResend("This purchase was never completed.")
            if is_anonymised(purchase):
                raise CannotResend("The buyer asked to be forgotten.")
            if mail.is_open:
                raise CannotResend("The confirmation is on its way already.")
            again = self.confirmations.again(purchase, mail, at=self.clock.now())
            if await self.outbox.swap(purchase_id, mail, again):
                self.bell.ring()
                return purchase
        raise StorageUnavailable
