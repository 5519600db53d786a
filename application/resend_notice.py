"""A human asks for a notice that was given up to be sent after all."""

from dataclasses import dataclass
from typing import Final

from application.errors import ApplicationError
from application.ports.clock import Clock
from application.ports.outbox import MailBell, MailOutbox
from application.ports.purchases import PurchaseRepository
from application.ports.storage import StorageUnavailable
from application.resend_confirmation import CannotResend
from domain.anonymity import is_anonymised
from domain.ids import PurchaseId
from domain.outbox import MailState
from domain.purchase import Purchase

READS_MAX: Final = 3


class MailNotFound(ApplicationError):
    code = "mail_not_found"

    def __init__(self) -> None:
        super().__init__("Mail not found.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendNotice:
    """Make a notice due again, under its own id: a copy is known as one.

    Only one that was given up: of what was sent the money has gone on, and the letter
    would say what no longer is so.
    """

    bell: MailBell
    clock: Clock
    outbox: MailOutbox
    purchases: PurchaseRepository

    async def __call__(self, purchase_id: PurchaseId, *, place: int) -> Purchase:
        """Return the purchase, its notice due.

        Args:
            purchase_id: whose it is.
            place: which of the purchase's notices, counted from 0.

        Raises:
            CannotResend: it was sent, is on its way, or its buyer is anonymised.
            MailNotFound: the purchase has no such notice.
            PurchaseNotFound: no such purchase.
            StorageUnavailable: ask again; a mail that is due by then is refused.
        """
        for _ in range(READS_MAX):
            purchase = await self.purchases.get(purchase_id)
            if place >= len(purchase.notices):
                raise MailNotFound
            notice = purchase.notices[place]
            if is_anonymised(purchase):
                raise CannotResend("The buyer asked to be forgotten.")
            if notice.state is not MailState.DEAD:
                raise CannotResend("The notice was sent, or is on its way.")
            again = notice.again(at=self.clock.now())
            if await self.outbox.swap(purchase_id, notice, again):
                self.bell.ring()
                return purchase
        raise StorageUnavailable
