"""One day of the ledger: what Stripe moved, what our rows say, and the difference.

The day is Stripe's, in UTC: a row of ours counts on the day on which its money moved,
however late we heard of it (invariant I21).
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.ids import PurchaseId
from domain.ledger import Movement, MovementKind, PaymentRecord, Sum, Trace

ITEMS_MAX: Final = 100  # named one by one; of the rest, the number (I20)
TRACES_MAX: Final = 100_000  # remembered of one day; what is not, is looked up (I20)


class Mismatch(StrEnum):
    """In what way a movement and our rows disagree."""

    UNKNOWN_TO_US = "unknown_to_us"  # it moved, and no row of ours says so
    UNKNOWN_TO_STRIPE = "unknown_to_stripe"  # a row says so, and it did not move
    ANOTHER_SUM = "another_sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerItem:
    """One disagreement, by the names under which either side can be looked up.

    `subject` is Stripe's charge, refund or dispute; None for a payment that Stripe does
    not have.
    """

    mismatch: Mismatch
    kind: MovementKind
    payment_intent: str
    subject: str | None
    purchase_id: PurchaseId | None
    ours: Sum | None
    stripes: Sum | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """The sums of one currency, in minor units."""

    currency: str
    ours: int
    stripes: int

    @property
    def difference(self) -> int:
        return self.stripes - self.ours


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLedger:
    day: date
    lines: tuple[LedgerLine, ...] = ()
    items: tuple[LedgerItem, ...] = ()
    items_unnamed: int = 0

    @property
    def is_equal(self) -> bool:
        """Say whether all is matched; sums that are equal by chance do not count."""
        return not self.items


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def beginning_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def end_of(day: date) -> datetime:
    """Return the first moment of the next day."""
    return beginning_of(day) + timedelta(days=1)


class DayTally:
    """Adds up one day, in bounded memory.

    First every movement of the day is booked; then every record that changed on it is
    compared with them, and what they do not show is looked up.
    """

    def __init__(self, day: date) -> None:
        self.day = day
        self._traces: set[Trace] = set()
        self._ours: Counter[str] = Counter()
        self._stripes: Counter[str] = Counter()
        self._items: list[LedgerItem] = []
        self._unnamed = 0

    def book(self, movement: Movement, record: PaymentRecord | None) -> None:
        """Count a movement, and what our rows say that it is.

        Args:
            movement: of this day, and of ours.
            record: what our rows say of its payment; None if they do not know it.
        """
        is_repeated = movement.trace in self._traces
        known = None if record is None or is_repeated else record.expected(movement)
        self._remember(movement.trace)
        self._add(self._stripes, movement.sum)
        self._add(self._ours, known)
        if known != movement.sum:
            self._name(
                LedgerItem(
                    mismatch=Mismatch.ANOTHER_SUM if known else Mismatch.UNKNOWN_TO_US,
                    kind=movement.kind,
                    payment_intent=movement.payment_intent,
                    subject=movement.subject,
                    purchase_id=record.purchase_id if record else movement.purchase_id,
                    ours=known,
                    stripes=movement.sum,
                )
            )

    def lacks(self, record: PaymentRecord) -> bool:
        """Say whether a record claims what did not move on this day."""
        return next(record.missing(self._traces), None) is not None

    def miss(self, record: PaymentRecord, *, moved: Collection[Trace]) -> None:
        """Count what a record claims and nothing shows.

        Args:
            record: changed on this day.
            moved: all that ever moved of its payment.
        """
        for (kind, name), claimed in record.missing(moved):
            self._add(self._ours, claimed)
            is_of_payment = kind is MovementKind.PAYMENT
            self._name(
                LedgerItem(
                    mismatch=Mismatch.UNKNOWN_TO_STRIPE,
                    kind=kind,
                    payment_intent=record.payment_intent,
                    subject=None if is_of_payment else name,
                    purchase_id=record.purchase_id,
                    ours=claimed,
                    stripes=None,
                )
            )

    def result(self) -> DayLedger:
        currencies = sorted(self._ours.keys() | self._stripes.keys())
        return DayLedger(
            day=self.day,
            lines=tuple(
                LedgerLine(
                    currency=currency,
                    ours=self._ours[currency],
                    stripes=self._stripes[currency],
                )
                for currency in currencies
            ),
            items=tuple(self._items),
            items_unnamed=self._unnamed,
        )

    def _remember(self, trace: Trace) -> None:
        if len(self._traces) < TRACES_MAX:
            self._traces.add(trace)

    def _add(self, sums: Counter[str], amount: Sum | None) -> None:
        if amount is not None:
            sums[amount.currency] += amount.amount

    def _name(self, item: LedgerItem) -> None:
        if len(self._items) < ITEMS_MAX:
            self._items.append(item)
        else:
            self._unnamed += 1
