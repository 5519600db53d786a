"""After the storm: its money in Stripe's books and in our rows (invariant I21)."""

from datetime import timedelta

from application.keep_ledger import said
from domain.day_ledger import day_of
from tests.processes.fleet import Fleet
from tests.processes.settling import another_worker


async def differences(fleet: Fleet) -> list[str]:
    """Name what the ledger of today, and of yesterday at midnight, does not match."""
    async with another_worker(fleet, later=timedelta()) as worker:
        today = day_of(worker.payments().now())
        check = worker.check_ledger()
        ledgers = [await check(today - timedelta(days=back)) for back in (1, 0)]
    assert any(ledger.lines for ledger in ledgers), "no money was seen at all"
    return [
        f"I21: {ledger.day} {said(item)}" for ledger in ledgers for item in ledger.items
    ]
