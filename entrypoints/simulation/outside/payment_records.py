from collections.abc import AsyncGenerator, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.ledger import PaymentRecord, records_of, records_of_orphan
from domain.purchase import OWNED, Status
from entrypoints.simulation.outside.gates import Gate, give_way, passing
from entrypoints.simulation.outside.orphans import InMemoryOrphanRepository
from entrypoints.simulation.outside.purchases import PurchaseStore

HAS_MONEY: Final = OWNED | {Status.REFUNDED, Status.CLOSED}


@dataclass(kw_only=True)
class InMemoryPaymentRecords:
    """Reads what the repositories of purchases and orphans have stored."""

    store: PurchaseStore
    orphans: InMemoryOrphanRepository
    gate: Gate = give_way

    async def of_payments(
        self, payment_intents: Collection[str]
    ) -> Mapping[str, PaymentRecord]:
        async with passing(self.gate, "records.of_payments"):
            records = self.all()
            return {name: records[name] for name in records if name in payment_intents}

    async def changed(
        self, since: datetime, until: datetime
    ) -> AsyncGenerator[PaymentRecord, None]:
        async with passing(self.gate, "records.changed"):
            found = list(self._changed(since, until))
        for record in found:
            yield record

    def all(self) -> dict[str, PaymentRecord]:
        """Return every record by its payment; a purchase's counts first."""
        return {record.payment_intent: record for record in self._all()}

    def _changed(self, since: datetime, until: datetime) -> Iterator[PaymentRecord]:
        for row in self.store.rows.values():
            if row.status in HAS_MONEY and since <= row.updated_at < until:
                yield from records_of(row)
        for orphan in self.orphans.stored.values():
            if since <= orphan.found_at < until:
                yield from records_of_orphan(orphan)

    def _all(self) -> Iterator[PaymentRecord]:
        for orphan in self.orphans.stored.values():
            yield from records_of_orphan(orphan)
        for row in self.store.rows.values():
            yield from records_of(row)
