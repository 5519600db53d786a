"""The end of every storm."""

from tests.processes.bookkeeping import differences
from tests.processes.fleet import Fleet
from tests.processes.load import Crowd
from tests.processes.settling import settle
from tests.processes.snapshot import Snapshot, snapshot_of, violations


async def examine(
    fleet: Fleet, crowd: Crowd, *, kills: int
) -> tuple[int, Snapshot, list[str]]:
    """Bring all to rest and look at it.

    Returns:
        How many purchases only reconcile ended, what was seen, what is wrong.
    """
    left_over = await settle(fleet)
    seen = await snapshot_of(fleet)
    wrong = violations(seen, crowd.ledger, kills=kills)
    books = await differences(fleet)
    return left_over, seen, [*wrong, *books, *complaints_of(fleet)]


def complaints_of(fleet: Fleet) -> list[str]:
    """Find in the logs what no fault excuses."""
    return [
        line
        for line in fleet.logs().splitlines()
        if "Traceback" in line or "never retrieved" in line or "was destroyed" in line
    ]
