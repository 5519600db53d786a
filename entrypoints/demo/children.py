"""The programs that the demo starts, watches and stops."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from entrypoints.demo import minder
from entrypoints.demo.options import DemoRefused

START_TIMEOUT: Final = 60.0
STOP_GRACE: Final = 25.0  # more than the service takes to drain
LOOK_EVERY: Final = 0.1
LAST_LINES: Final = 12


class ChildEnded(DemoRefused):
    def __init__(self, child: "Child", code: int) -> None:
        super().__init__(
            f"{child.name} ended by itself (exit code {code}), so the demo stops."
            f" Its log is {child.log}; it ends with:\n{child.last_lines()}"
        )
        self.child = child


class ChildSilent(DemoRefused):
    def __init__(self, child: "Child") -> None:
        super().__init__(
            f"{child.name} did not answer within {START_TIMEOUT:.0f} s."
            f" Its log is {child.log}; it ends with:\n{child.last_lines()}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A program to start.

    Attributes:
        arguments: what follows `python`.
        ready_url: answers 200 once it is ready.
    """

    name: str
    arguments: Sequence[str]
    ready_url: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    plan: Plan
    log: Path
    process: Process = field(repr=False)

    @property
    def name(self) -> str:
        return self.plan.name

    async def ready(self) -> None:
        """Wait until it answers.

        Raises:
            ChildEnded: it ended before.
            ChildSilent: it did not answer in time.
        """
        try:
            async with asyncio.timeout(START_TIMEOUT), httpx.AsyncClient() as client:
                while not await _answers(client, self.plan.ready_url):
                    code = self.process.returncode
                    if code is not None:
                        raise ChildEnded(self, code)
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise ChildSilent(self) from None

    async def ended(self) -> "ChildEnded":
        """Wait until it ends by itself, and say how."""
        return ChildEnded(self, await self.process.wait())

    def last_lines(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return "\n".join(f"  {line}" for line in lines) or "  (nothing)"

    async def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        if self.process.stdin is not None:
            self.process.stdin.close()  # the minder takes it from here
        try:
            async with asyncio.timeout(STOP_GRACE + 5):
                await self.process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()


@asynccontextmanager
async def running(plan: Plan, *, logs: Path, home: Path) -> AsyncIterator[Child]:
    """Run a program for the body of an `async with`; it may not be ready yet.

    Its log goes to a file.  It works in `home`, where no developer's `.env` lies, in
    a process group of its own, so that a Ctrl-C reaches only the demo.
    """
    log = logs / f"{plan.name.lower().replace(' ', '-')}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", minder.__file__, str(STOP_GRACE)),
            *(sys.executable, *plan.arguments),
            cwd=home,
            env=dict(plan.environment),
            stdin=PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    child = Child(plan=plan, log=log, process=process)
    try:
        yield child
    finally:
        await child.stop()


async def first_to_end(children: Sequence[Child]) -> ChildEnded:
    """Wait for the first one that ends by itself."""
    waits = [asyncio.create_task(child.ended()) for child in children]
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for wait in waits:
            wait.cancel()


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False
