"""One measure of one lock in one process, and the ratio of two of them."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


class MeasureFailed(RuntimeError):
    """A process that was to measure a lock ended otherwise; its words are within."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a process said.

    Args:
        cpu: seconds of processor time, of the system's too, of all its threads.
        wall: seconds on the clock.
        count: how often a key was taken.
        entries: keys remembered afterwards.
        left: KiB in use that were not before.
    """

    cpu: float
    wall: float
    count: int
    entries: int
    left: float

    @classmethod
    def of_json(cls, line: bytes) -> Self:
        return cls(**json.loads(line))

    def cpu_against(self, peer: "Run") -> float:
        """Return how much of the peer's work this lock does in one second of CPU."""
        return (self.count / self.cpu) / (peer.count / peer.cpu)

    def wall_against(self, peer: "Run") -> float:
        return (self.count / self.wall) / (peer.count / peer.wall)


async def run_of(command: Sequence[str]) -> Run:
    """Run a process that measures one thing.

    Raises:
        MeasureFailed: it could not.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complaint = await process.communicate()
    if process.returncode != 0:
        raise MeasureFailed(f"{' '.join(command)}: {complaint.decode()}")
    return Run.of_json(said)
