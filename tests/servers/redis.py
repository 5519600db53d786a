"""Debian's redis-server, as a process that a test may stop and start."""

import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.in_memory.locks import InMemoryKeyedLock
from adapters.redis.locks import LEASE, RedisKeyedLock
from tests.requirements import require_tool
from tests.servers.service import free_port
from tests.waiting import eventually

SERVER: Final = Path(shutil.which("redis-server") or "/usr/bin/redis-server")
WITHOUT_A_DISK: Final = ("--save", "", "--appendonly", "no", "--loglevel", "warning")


class RedisServer:
    """One server without a disk; `url` is where it listens, or would."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def launch(self) -> None:
        tool = require_tool(SERVER, fetch="apt-get install redis-server")
        where = ("--port", f"{self.port}", "--bind", "127.0.0.1")
        self._process = subprocess.Popen(  # noqa: S603  # our own command
            [tool, *where, *WITHOUT_A_DISK], stdout=subprocess.DEVNULL
        )

    async def start(self) -> None:
        self.launch()
        await self.ready()

    async def ready(self) -> None:
        await eventually(self._answers)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def fall_silent(self) -> None:
        """Stop it in mid-air: it holds its connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def speak_again(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    async def _answers(self) -> bool:
        async with Redis.from_url(self.url) as client:
            try:
                return bool(await client.ping())
            except RedisError:
                return False


@asynccontextmanager
async def redis_server() -> AsyncIterator[RedisServer]:
    """Run a server for one test, which may kill it."""
    server = RedisServer()
    await server.start()
    try:
        yield server
    finally:
        server.kill()


@asynccontextmanager
async def redis_lock(
    url: str, *, lease: timedelta = LEASE
) -> AsyncIterator[RedisKeyedLock]:
    """Make the lock of one process."""
    lock = RedisKeyedLock.at(url, line=InMemoryKeyedLock(), lease=lease)
    try:
        yield lock
    finally:
        await lock.close()


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """One server for all tests that do not kill it; wait until it is `ready`."""
    server = RedisServer()
    server.launch()
    yield server
    server.kill()
