from collections.abc import AsyncGenerator, Collection, Mapping
from datetime import datetime
from typing import Protocol

from domain.ledger import PaymentRecord, Sum
from domain.orphans import Orphan


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

        A row that changes meanwhile may be left out: it changes to after `until`.
        """
        ...


def record_of_orphan(orphan: Orphan) -> PaymentRecord | None:
    """Say of a payment without a purchase that whatever goes back, goes rightly."""
    session = orphan.session
    if session.payment_intent is None:
        return None
    return PaymentRecord(
        payment_intent=session.payment_intent,
        paid=Sum(amount=session.amount_total, currency=session.currency),
        purchase_id=session.purchase_id,
        is_owed_back=True,
    )
