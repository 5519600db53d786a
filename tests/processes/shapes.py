"""How many instances there are, what stands before them, and whose lock they share."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.processes.fleet import (
    Fleet,
    Own,
    balanced_fleet,
    fleet_of,
    nothing_of_its_own,
)
from tests.servers.redis import redis_server

Lock = Literal["memory", "redis"]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Two instances behind nginx, each with a lock of its own, unless said otherwise.

    With locks of their own nothing keeps the instances apart but the database.
    """

    instances: int = 2
    is_behind_nginx: bool = True
    lock: Lock = "memory"

    def __str__(self) -> str:
        """Return the options by which the command line makes the same."""
        front = "nginx" if self.is_behind_nginx else "no-nginx"
        return f"--instances {self.instances} --lock {self.lock} --{front}"


@asynccontextmanager
async def fleet_like(
    shape: Shape,
    folder: Path,
    *,
    mongodb_uri: str,
    database: str,
    own: Own = nothing_of_its_own,
) -> AsyncIterator[Fleet]:
    """Run such a fleet for the body of an `async with`."""
    run = balanced_fleet if shape.is_behind_nginx else fleet_of
    async with AsyncExitStack() as stack:
        more: dict[str, Any] = {"own": own}
        if shape.lock == "redis":
            redis = await stack.enter_async_context(redis_server())
            more |= {"LOCK_BACKEND": "redis", "REDIS_URL": redis.url}
        fleet = run(
            shape.instances, folder, mongodb_uri=mongodb_uri, database=database, **more
        )
        yield await stack.enter_async_context(fleet)
