from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.ids import PurchaseId
from domain.outbox import OutgoingMail
from domain.purchase import Purchase


class ConfirmationOutbox(Protocol):
    """The confirmation mails that purchases owe.

    They live in the purchase, written by the very write that completed it.  Every call
    may raise `StorageUnavailable`.
    """

    async def due(self, *, at: datetime, limit: int) -> Sequence[Purchase]:
        """Return purchases whose mail is due, or whose lease ended, oldest first."""
        ...

    async def swap(
        self, purchase_id: PurchaseId, before: OutgoingMail, after: OutgoingMail
    ) -> bool:
        """Replace the mail's state if it is still as it was read.

        Returns:
            Whether it was; of any number of callers, one is told so.
        """
        ...


class MailBell(Protocol):
    """Wakes whoever delivers mail in this process."""

    def ring(self) -> None:
        """Say that a mail fell due.  Loses nothing if nobody listens."""
        ...
