"""Services behind nginx under load, and one after the other is replaced in place."""

from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random

from tests.processes.examining import examine
from tests.processes.load import Ledger, crowd_at, programs_for
from tests.processes.shapes import Shape, fleet_like
from tests.servers.service import ServiceProcess

VISITS_PER_RESTART = 60  # at most, for the size of the offer


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a rolling restart did to those who bought meanwhile.

    Args:
        lost: requests that no instance answered, as nginx noted them.
        went_on: requests that met a shut door and were answered elsewhere.
    """

    seed: int
    shape: Shape
    restarts: int
    lost: int
    went_on: int
    ledger: Ledger
    violations: list[str]

    def __str__(self) -> str:
        answers = ", ".join(f"{n} x {kind}" for kind, n in self.ledger.answers.items())
        options = f"--count {self.restarts} --seed {self.seed} {self.shape}"
        return "\n".join(
            [
                f"{self.restarts} restarts; the same again:",
                f"    python -m tests.processes restarts {options}",
                f"{self.ledger.visits} visits, answers: {answers}",
                f"{self.lost} requests lost, {self.went_on} went on at a shut door",
                f"{len(self.violations)} violations",
                *self.violations,
            ]
        )


async def restart_in_turn(
    shape: Shape,
    *,
    folder: Path,
    mongodb_uri: str,
    database: str,
    restarts: int,
    seed: int,
    buyers: int = 8,
    visits: int = 10,
) -> Report:
    """End one after the other in good order, and start it where it was.

    Args:
        shape: behind nginx; without it nobody goes on at a shut door.
        folder: for logs.
        mongodb_uri: a running server.
        database: its name, fresh.
        restarts: so many, over all instances.
        seed: decides who wants what.
        buyers: so many at once.
        visits: so many at least before and after each.
    """
    async with (
        fleet_like(shape, folder, mongodb_uri=mongodb_uri, database=database) as fleet,
        crowd_at(
            fleet, Random(seed), programs_for(VISITS_PER_RESTART * restarts)
        ) as crowd,
    ):
        if fleet.balancer is None:
            raise ValueError("only a balancer can lead round a shut door")
        async with crowd.shopping(size=buyers):
            for service in islice(cycle(fleet.services), restarts):
                await crowd.some_visits(visits)
                await end_well(service)
                await crowd.some_visits(visits)
                await service.start()
            await crowd.some_visits(visits)
        asked, lost = fleet.balancer.asked(), fleet.balancer.lost()
        _, _, wrong = await examine(fleet, crowd, kills=0)
        return Report(
            seed=seed,
            shape=shape,
            restarts=restarts,
            lost=lost + crowd.ledger.broken,
            went_on=sum(n for kinds, n in asked.items() if kinds.startswith("502, ")),
            ledger=crowd.ledger,
            violations=wrong,
        )


async def end_well(service: ServiceProcess) -> None:
    """End it as a host does.

    Raises:
        AssertionError: it did not end in good order.
    """
    code = await service.stop()
    if code:
        raise AssertionError(f"it ended with {code}")
