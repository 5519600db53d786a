"""What pytest's outcomes say about a hazard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from tests.drill.table import Hazard

OK = "ok"
MISSING = "MISSING: no test"


@dataclass(eq=False)  # pytest keeps its plugins in a set
class Recorder:
    """A plugin of pytest: remembers the worst that happened to each test."""

    outcomes: dict[str, str] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        known = self.outcomes.get(report.nodeid)
        if report.outcome != "passed" or (report.when == "call" and known is None):
            self.outcomes[report.nodeid] = report.outcome


def verdict(hazard: Hazard, outcomes: Mapping[str, str]) -> str:
    """Say `ok`, or in a few words why not."""
    if not hazard.proofs:
        return MISSING
    for proof in hazard.proofs:
        trouble = _trouble(proof, outcomes)
        if trouble:
            return f"{trouble}: {proof}"
    return f"INCOMPLETE: {hazard.lacks}" if hazard.lacks else OK


def exit_code(verdicts: Sequence[str]) -> int:
    """Say success only where something was proved, and all of it."""
    return 0 if verdicts and all(said == OK for said in verdicts) else 1


def _trouble(proof: str, outcomes: Mapping[str, str]) -> str:
    seen: Sequence[str] = [
        outcome
        for test, outcome in outcomes.items()
        if test == proof or test.startswith(f"{proof}[")
    ]
    if not seen:
        return "NOT RUN"
    for bad in ("failed", "skipped"):  # what was skipped proves nothing
        if bad in seen:
            return bad.upper()
    return ""
