"""Says at the end of a run how long each room of `tests` took."""

from collections import Counter, defaultdict

import pytest

_seconds: defaultdict[str, float] = defaultdict(float)
_numbers: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    room = _room(report.nodeid)
    _seconds[room] += report.duration
    _numbers[room] += report.when == "call"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_sep("=", "the rooms")
    for room, seconds in sorted(_seconds.items(), key=lambda each: -each[1]):
        minutes = seconds / 60
        tests = f"{_numbers[room]:,} tests"
        terminalreporter.write_line(f"{minutes:6.2f} min  {tests:>12}  {room}")


def _room(nodeid: str) -> str:
    """Return the folder in `tests`, or `tests` for what lies beside the folders."""
    parts = nodeid.partition("::")[0].split("/")
    return parts[1] if len(parts) > 2 else parts[0]
