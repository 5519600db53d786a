"""All scripts, and how many points each use case has in them."""

from collections import Counter
from typing import Final

from tests.crash import by_hand, checkouts, findings, jobs, payments, refunds
from tests.crash.script import SCRIPTS

ACTS: Final = (
    checkouts,
    payments,
    refunds,
    jobs,
    by_hand,
    findings,
)  # each keeps its scripts in SCRIPTS


def points_of_use_cases() -> Counter[str]:
    """Count the moments at which each use case is struck."""
    points = Counter[str]()
    for script in SCRIPTS.values():
        points[script.use_case] += script.points
    return points
