from datetime import date, timedelta

from domain.day_ledger import DayLedger, LedgerItem, LedgerLine, Mismatch
from domain.ids import PurchaseId
from domain.ledger import MovementKind, Sum
from tests.contracts.examples import MINUTE, NOON
from tests.contracts.storage import Storage

DAY = date(2026, 3, 2)
EQUAL = DayLedger(
    day=DAY,
    lines=(
        LedgerLine(currency="eur", ours=-100, stripes=-100),
        LedgerLine(currency="usd", ours=8_000, stripes=8_000),
    ),
)
UNEQUAL = DayLedger(
    day=DAY,
    lines=(LedgerLine(currency="usd", ours=8_000, stripes=8_500),),
    items=(
        LedgerItem(
            mismatch=Mismatch.ANOTHER_SUM,
            kind=MovementKind.PAYMENT,
            payment_intent="pi_1",
            subject="ch_1",
            purchase_id=PurchaseId("p-1"),
            ours=Sum(amount=8_000, currency="usd"),
            stripes=Sum(amount=8_500, currency="usd"),
        ),
        LedgerItem(
            mismatch=Mismatch.UNKNOWN_TO_STRIPE,
            kind=MovementKind.PAYMENT,
            payment_intent="pi_2",
            subject=None,
            purchase_id=None,
            ours=None,
            stripes=None,
        ),
    ),
    items_unnamed=7,
)


def on(ledger: DayLedger, days_later: int) -> DayLedger:
    day = ledger.day + timedelta(days=days_later)
    return DayLedger(day=day, lines=ledger.lines, items=ledger.items)


async def test_a_day_is_kept_as_it_was_found(storage: Storage) -> None:
    await storage.ledger_days.store(UNEQUAL, at=NOON)

    assert await storage.ledger_days.find(DAY) == UNEQUAL
    assert await storage.ledger_days.find(DAY + timedelta(days=1)) is None


async def test_the_last_check_counts(storage: Storage) -> None:
    await storage.ledger_days.store(UNEQUAL, at=NOON)
    await storage.ledger_days.store(EQUAL, at=NOON + MINUTE)

    assert await storage.ledger_days.find(DAY) == EQUAL
    assert await storage.ledger_days.unequal(since=DAY, limit=9) == []


async def test_days_that_differ_are_found_the_latest_first(storage: Storage) -> None:
    for ledger in (UNEQUAL, on(EQUAL, 1), on(UNEQUAL, 2), on(UNEQUAL, 30)):
        await storage.ledger_days.store(ledger, at=NOON)

    found = await storage.ledger_days.unequal(since=DAY, limit=9)
    latest = await storage.ledger_days.unequal(since=DAY, limit=1)
    since = DAY + timedelta(days=2)
    later = await storage.ledger_days.unequal(since=since, limit=9)

    assert found == [on(UNEQUAL, 30), on(UNEQUAL, 2), UNEQUAL]
    assert latest == [on(UNEQUAL, 30)]
    assert later == [on(UNEQUAL, 30), on(UNEQUAL, 2)]
