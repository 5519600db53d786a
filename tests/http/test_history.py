"""History is written beside the requests, whatever the database does."""

import asyncio
from datetime import timedelta

from structlog.testing import capture_logs

from application.keep_history import KeepHistory
from application.ports.hearing import Heard
from application.ports.storage import StorageUnavailable
from application.ports.trail import TrailEntry, TrailKind
from entrypoints.http.history import HistoryLoop
from entrypoints.simulation.outside.clock import NOON
from entrypoints.simulation.outside.hearing import InMemoryHearing
from entrypoints.simulation.outside.trail import InMemoryTrail

AT_ONCE = timedelta(milliseconds=1)
ENTRY = TrailEntry(kind=TrailKind.MAIL, what="confirmation", at=NOON, subjects=("one",))


class Rounds:
    """Fails as planned, and tells when it was called for the last time."""

    def __init__(self, *plan: Exception | None) -> None:
        self.plan = list(plan)
        self.is_over = asyncio.Event()

    async def __call__(self) -> None:
        await asyncio.sleep(0)
        if not self.plan:
            self.is_over.set()
            return
        step = self.plan.pop(0)
        if step is not None:
            raise step


async def test_no_failure_ends_it() -> None:
    rounds = Rounds(StorageUnavailable(), None, RuntimeError("a bug"))

    with capture_logs() as lines:
        async with HistoryLoop(rounds, pause=AT_ONCE):
            async with asyncio.timeout(10):
                await rounds.is_over.wait()

    assert [line["event"] for line in lines] == [
        "history waits for the database",
        "history loop stumbled",
    ]


async def test_both_are_kept() -> None:
    hearing, trail = InMemoryHearing(), InMemoryTrail()
    heard = Heard(at=NOON, created_at=NOON)
    hearing.note(heard)
    trail.note(ENTRY)

    await KeepHistory(hearing=hearing, trail=trail)()

    assert (hearing.written, trail.written) == (heard, [ENTRY])
    assert (hearing.waiting, trail.waiting) == (None, [])
