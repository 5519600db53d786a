"""The jobs that every instance runs by itself, round after round."""

from collections.abc import Awaitable, Callable, Collection, Iterator
from datetime import timedelta
from typing import Any, Final

from entrypoints.use_cases import UseCases
from tests.application.world import World

ROUND: Final = timedelta(minutes=11)  # longer than any claim or turn

# Those of `serve`, less those that only watch; mail goes out last.
JOBS: Final = (
    "drive_purchases",
    "drive_owing",
    "listen_back",
    "drive_orphans",
    "quarantine.retry_quarantined",
    "keep_ledger",
    "sweep_spots",
    "deliver_mail",
)

Job = tuple[str, Callable[[], Awaitable[object]]]


def jobs_of(service: UseCases) -> Iterator[Job]:
    """Yield the jobs of a round by their names, as one instance runs them."""
    for name in JOBS:
        part: Any = service
        *containers, use_case = name.split(".")
        for container in containers:
            part = getattr(part, container)()
        yield name, getattr(part, use_case)()


async def reconcile(
    world: World, *, rounds: int, without: Collection[str] = ()
) -> None:
    """Let the jobs run, some rounds after one another."""
    jobs = [job for name, job in jobs_of(world.service) if name not in without]
    for _ in range(rounds):
        world.advance(ROUND)
        for job in jobs:
            await job()
