"""Compare what one day moved at the provider with what our rows say."""

from contextlib import aclosing
from dataclasses import dataclass
from datetime import date

from application.batches import in_batches
from application.ports.payment_ledger import PaymentLedger
from application.ports.payment_records import PaymentRecords
from domain.day_ledger import DayLedger, DayTally, beginning_of, end_of
from domain.ledger import Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLedger:
    """Match both ways, a page at a time (invariant I21).

    Each movement needs a row of ours; and each row that changed on the day needs its
    movement, on that day or whenever it was.  A row that changed again later is
    compared on that later day.
    """

    app: str
    environment: str
    ledger: PaymentLedger
    records: PaymentRecords

    async def __call__(self, day: date) -> DayLedger:
        """Return the ledger of a day that is over; what is too fresh may differ.

        Raises:
            PaymentGatewayUnavailable: nothing is known.
            StorageUnavailable: likewise.
        """
        tally = DayTally(day)
        await self._book(tally)
        await self._look_for_more(tally)
        return tally.result()

    async def _book(self, tally: DayTally) -> None:
        since, until = beginning_of(tally.day), end_of(tally.day)
        movements = self.ledger.movements(since, until)
        async with aclosing(in_batches(movements)) as batches:
            async for batch in batches:
                named = {movement.payment_intent for movement in batch}
                records = await self.records.of_payments(named)
                for movement in batch:
                    record = records.get(movement.payment_intent)
                    if record is not None or self._is_marked_ours(movement):
                        tally.book(movement, record)

    async def _look_for_more(self, tally: DayTally) -> None:
        since, until = beginning_of(tally.day), end_of(tally.day)
        async with aclosing(self.records.changed(since, until)) as records:
            async for record in records:
                if tally.lacks(record):
                    moved = await self.ledger.movements_of(record.payment_intent)
                    tally.miss(record, moved={movement.trace for movement in moved})

    def _is_marked_ours(self, movement: Movement) -> bool:
        """Say whether it is ours although no row knows its payment.

        A refund from the dashboard and a dispute bear no mark: without a row they are
        taken for somebody else's, and their payment shows what is lost.
        """
        return (movement.app, movement.environment) == (self.app, self.environment)
