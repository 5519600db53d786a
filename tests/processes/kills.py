"""Services under load, and one after the other dies at a random moment."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from tests.processes.examining import examine
from tests.processes.load import Ledger, crowd_at, programs_for
from tests.processes.shapes import Shape, fleet_like
from tests.servers.service import ServiceProcess

LIVES: Final = (0.1, 2.0)  # seconds from ready to dead
VISITS_PER_KILL: Final = 10  # about, for the size of the offer


@dataclass(kw_only=True)
class Report:
    seed: int
    kills: int
    shape: Shape
    seconds: float
    ledger: Ledger
    left_over: int
    mails: int
    copies_too_many: int
    violations: list[str]

    def __str__(self) -> str:
        ledger = self.ledger
        answers = ", ".join(f"{n} x {kind}" for kind, n in ledger.answers.items())
        return f"""\
{self.kills} kills in {self.seconds:.0f} s; the same again:
    python -m tests.processes kills --count {self.kills} --seed {self.seed} {self.shape}
{ledger.visits} visits, {len(ledger.pages)} purchases, {len(ledger.paid)} paid
answers: {answers}
{self.left_over} purchases were ended by reconcile alone
{self.mails} mails, {self.copies_too_many} of them second copies
{len(self.violations)} violations
""" + "\n".join(self.violations)


async def kill_at_random(
    shape: Shape,
    folder: Path,
    *,
    mongodb_uri: str,
    database: str,
    kills: int,
    seed: int,
) -> Report:
    """Kill so often; return what was seen, the violations last.

    The seed decides who wants what and how long a service lives; what meets what is up
    to the processes and the machine.
    """
    random = Random(seed)
    tickets = iter(range(kills))
    async with (
        fleet_like(shape, folder, mongodb_uri=mongodb_uri, database=database) as fleet,
        crowd_at(fleet, random, programs_for(VISITS_PER_KILL * kills)) as crowd,
    ):
        begun = time.monotonic()
        async with crowd.shopping(), asyncio.TaskGroup() as group:
            for service in fleet.services:
                group.create_task(_kill(service, tickets, random))
        seconds = time.monotonic() - begun
        left_over, seen, wrong = await examine(fleet, crowd, kills=kills)
        return Report(
            seed=seed,
            kills=kills,
            shape=shape,
            seconds=seconds,
            ledger=crowd.ledger,
            left_over=left_over,
            mails=seen.mails.total(),
            copies_too_many=seen.copies_too_many,
            violations=wrong,
        )


async def _kill(
    service: ServiceProcess, tickets: Iterator[int], random: Random
) -> None:
    """Kill and start again; each service on its own, so that all may be down."""
    for _ in tickets:
        await asyncio.sleep(random.uniform(*LIVES))
        service.kill()
        await service.start()
