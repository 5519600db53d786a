"""Once a minute the log says how waiting went."""

from contextlib import AsyncExitStack
from datetime import timedelta

from structlog.testing import capture_logs

from adapters.in_memory.locks import InMemoryKeyedLock
from application.ports.locks import MANY_LOCKS
from entrypoints.cli.serve import reconcile_jobs
from entrypoints.http.lock_log import LockLog
from tests.application.world import World


async def line_with(held: int) -> dict[str, object]:
    """Return what is written while so many locks are held."""
    lock = InMemoryKeyedLock()
    async with AsyncExitStack() as holding:
        for number in range(held):
            key = f"purchase:create:ada:{number}"
            await holding.enter_async_context(lock.hold(key, operation="checkout"))
        with capture_logs() as lines:
            await LockLog(statistics=lock.statistics)()
    [line] = lines
    return dict(line)


async def test_it_says_what_the_first_system_said_and_names_nobody() -> None:
    line = await line_with(2)

    assert line["event"] == "lock statistics"
    assert (line["active_locks"], line["total_locks_acquired"]) == (2, 2)
    assert (line["average_wait_time"], line["health"]) == (0.0, "healthy")
    assert (line["waiting"], line["timeouts"], line["log_level"]) == (0, 0, "info")
    assert "ada" not in str(line)


async def test_more_locks_than_ten_are_a_warning() -> None:
    just_so = await line_with(MANY_LOCKS)
    too_many = await line_with(MANY_LOCKS + 1)

    assert (just_so["health"], just_so["log_level"]) == ("healthy", "info")
    assert (too_many["health"], too_many["log_level"]) == ("warning", "warning")


def test_every_instance_writes_it_each_minute() -> None:
    world = World()
    service = world.service
    service.usage.override(world.turns)  # not asked here
    service.storage_quota.override(0)

    [job] = [job for job in reconcile_jobs(service) if job.name == "log locks"]

    assert job.every == timedelta(minutes=1)
    assert isinstance(job.run, LockLog)
