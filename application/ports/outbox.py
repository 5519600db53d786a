from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.ids import PurchaseId
from domain.outbox import OutgoingMail
from domain.purchase import Purchase


class MailOutbox(Protocol):
    """The mails that purchases owe: confirmations, and notices about their money.

    They live in the purchase, written by the very write that made them due.  Every call
    may raise `StorageUnavailable`.
    """

    async def due(self, *, at: datetime, limit: int) -> Sequence[Purchase]:
        """Return purchases that owe a mail that is due, or whose lease ended.

        The one whose mail has waited longest comes first.
        """
        ...

    async def unsent(self, *, limit: int) -> Sequence[Purchase]:
        """Return purchases with a mail that waits, is leased or was given up.

        In no order: if there are more than `limit`, some of them.
        """
        ...

    async def swap(
        self, purchase_id: PurchaseId, before: OutgoingMail, after: OutgoingMail
    ) -> bool:
        """Replace the state of one mail if it is still as it was read.

        Returns:
            Whether it was; of any number of callers, one is told so.
        """
        ...


class MailBell(Protocol):
    """Wakes whoever delivers mail in this process."""

    def ring(self) -> None:
        """Say that a mail fell due.  Loses nothing if nobody listens."""
        ...
