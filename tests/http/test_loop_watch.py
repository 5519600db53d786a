"""Whatever blocks the loop shows as lag, and in the log when it is long."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from entrypoints.http.loop_watch import LoopWatch
from entrypoints.simulation.outside.metrics import RecordingMetrics
from tests.fakes.virtual_time import VirtualTimeLoop
from tests.waiting import eventually

PAUSE = timedelta(seconds=0.5)


def watched(*stalls: float) -> tuple[list[float], list[float]]:
    """Let the loop stall in turn; return the lags that were shown and logged."""
    metrics = RecordingMetrics()
    loop = VirtualTimeLoop()

    async def live() -> None:
        async with LoopWatch(metrics, pause=PAUSE):
            await asyncio.sleep(0)
            for seconds in stalls:
                loop.stall(seconds)
                await asyncio.sleep(0.6)

    with capture_logs() as lines:
        try:
            loop.run_until_complete(live())
        finally:
            loop.close()
    shown = [round(lag.total_seconds(), 3) for lag in metrics.lags]
    return shown, [line["seconds"] for line in lines]


def test_a_loop_that_nothing_blocks_has_no_lag() -> None:
    shown, logged = watched(0)

    assert shown == [0]
    assert logged == []


@pytest.mark.parametrize(("stall", "lag"), [(0.7, 0.2), (3, 2.5)])
def test_a_loop_that_is_blocked_shows_how_late_it_is(stall: float, lag: float) -> None:
    shown, logged = watched(stall)

    assert shown[0] == lag
    assert logged == ([lag] if lag >= 1 else [])


def test_every_task_is_counted() -> None:
    metrics = RecordingMetrics()

    async def is_counted() -> bool:
        return metrics.tasks > 0

    async def live() -> None:
        parked = asyncio.create_task(asyncio.Event().wait())
        async with LoopWatch(metrics, pause=timedelta(milliseconds=1)):
            await eventually(is_counted)
        parked.cancel()

    asyncio.run(live())

    assert metrics.tasks == 3  # the watch, the parked one and who looks at them


def test_the_watch_ends_with_the_service() -> None:
    async def live() -> set[str]:
        async with LoopWatch(RecordingMetrics(), pause=PAUSE):
            pass
        return {task.get_name() for task in asyncio.all_tasks()}

    assert "loop watch" not in asyncio.run(live())
