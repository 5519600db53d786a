"""Show an admin the mails to buyers that did not go out."""

from dataclasses import dataclass
from typing import Final

from application.ports.outbox import MailOutbox
from application.ports.pages import Page
from domain.ids import PurchaseId
from domain.outbox import MailState, Notice, OutgoingMail

PURCHASES_MAX: Final = 1_000  # that are looked at; beyond it the total says "at least"
CONFIRMATION: Final = "confirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsentMail:
    """One mail of one purchase."""

    mail: OutgoingMail
    order_number: str
    purchase_id: PurchaseId

    @property
    def id(self) -> str:
        """Name it for an address: by its purchase, and which of its mails it is."""
        which = self.mail.place if isinstance(self.mail, Notice) else CONFIRMATION
        return f"{self.purchase_id}.{which}"

    @property
    def kind(self) -> str:
        return self.mail.kind if isinstance(self.mail, Notice) else CONFIRMATION


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewUnsentMail:
    """What waits, or what was given up; mails are states, and nothing they say."""

    outbox: MailOutbox

    async def __call__(self, *, dead: bool, page: int, size: int) -> Page[UnsentMail]:
        """Return one page of them, whatever is due first before the others.

        Args:
            dead: those that were given up; else those that are tried by themselves.
            page: which one, counted from 1.
            size: how many it holds.

        Raises:
            StorageUnavailable: nothing is known.
        """
        found = await self.outbox.unsent(limit=PURCHASES_MAX)
        mails = [
            UnsentMail(
                mail=mail, order_number=purchase.order_number, purchase_id=purchase.id
            )
            for purchase in found
            for mail in purchase.mails
            if (mail.state is MailState.DEAD if dead else mail.is_open)
        ]
        mails.sort(key=lambda unsent: (unsent.mail.until, unsent.id))
        start = (page - 1) * size
        return Page(items=tuple(mails[start : start + size]), total=len(mails))
