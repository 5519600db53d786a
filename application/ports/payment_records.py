from collections.abc import AsyncGenerator, Collection, Mapping
from datetime import datetime
from typing import Protocol

from domain.ledger import PaymentRecord


class PaymentRecords(Protocol):
    """What our rows say of payments: purchases, their extra payments, and orphans.

    A row that cannot be read is left out: its payment is then one that we do not know.
    Every call may raise `StorageUnavailable`.
    """

    async def of_payments(
        self, payment_intents: Collection[str]
    ) -> Mapping[str, PaymentRecord]:
        """Return the records of those payments that any row names."""
        ...

    def changed(
        self, since: datetime, until: datetime
    ) -> AsyncGenerator[PaymentRecord, None]:
        """Yield the records of rows that last changed within that time.

        An orphan counts when it was found, for what it says never gets less.
        A row that changes meanwhile may be left out: it changes to after `until`.
        """
        ...
