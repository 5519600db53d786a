"""The storms on demand, larger than a commit can wait for.

python -m tests.processes kills --count 1000 --seed 7
python -m tests.processes races --instances 4 --lock redis
python -m tests.processes restarts --count 20 --instances 4
python -m tests.processes steps --instances 2
"""

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom
from typing import Annotated, TypedDict

import typer

from tests.processes.kills import kill_at_random
from tests.processes.racing import race
from tests.processes.restarts import restart_in_turn
from tests.processes.shapes import Lock, Shape
from tests.processes.steps import POINTS, STEPS_OF_A_CHECKOUT, kill_at_each_step
from tests.servers.mongo import fresh_database, mongo_server

app = typer.Typer(help=__doc__)
Instances = Annotated[int, typer.Option(help="So many service processes.")]
SharedLock = Annotated[Lock, typer.Option(help="redis is shared between them.")]
Nginx = Annotated[bool, typer.Option(help="Debian's stands before them.")]
Count = Annotated[int, typer.Option(help="How many.")]
Seed = Annotated[int | None, typer.Option(help="As an earlier run said.")]


class Place(TypedDict):
    """Where a storm may leave its things."""

    folder: Path
    mongodb_uri: str
    database: str


@app.callback()
def storms() -> None:
    """Storms over services on a real database server."""
    for name in ("mail.log", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)


@app.command()
def kills(
    *,
    count: Count = 1000,
    seed: Seed = None,
    instances: Instances = 2,
    lock: SharedLock = "memory",
    nginx: Nginx = True,
) -> None:
    """Kill services at random; the exit code says whether that did any harm."""
    shape = Shape(instances=instances, lock=lock, is_behind_nginx=nginx)
    with a_place() as place:
        storm = kill_at_random(shape, **place, kills=count, seed=_drawn(seed))
        report = asyncio.run(storm)
    typer.echo(report)
    raise typer.Exit(1 if report.violations else 0)


@app.command()
def races(
    *,
    count: Count = 100,
    instances: Instances = 2,
    lock: SharedLock = "memory",
    nginx: Nginx = True,
) -> None:
    """Let so many race for one thing, for each thing there is."""
    shape = Shape(instances=instances, lock=lock, is_behind_nginx=nginx)
    with a_place() as place:
        wrong = asyncio.run(race(shape, **place, number=count))
    typer.echo("\n".join([f"{count} racers, {shape}: {len(wrong)} wrong", *wrong]))
    raise typer.Exit(1 if wrong else 0)


@app.command()
def restarts(
    *,
    count: Count = 10,
    seed: Seed = None,
    instances: Instances = 2,
    lock: SharedLock = "memory",
) -> None:
    """End one after the other under load, in good order, and count what was lost."""
    shape = Shape(instances=instances, lock=lock)
    with a_place() as place:
        storm = restart_in_turn(shape, **place, restarts=count, seed=_drawn(seed))
        report = asyncio.run(storm)
    typer.echo(report)
    raise typer.Exit(1 if report.lost or report.violations else 0)


@app.command()
def steps(
    *, instances: Instances = 2, lock: SharedLock = "memory", nginx: Nginx = True
) -> None:
    """Kill whoever makes it at each step of a checkout; it stops at what is wrong."""
    shape = Shape(instances=instances, lock=lock, is_behind_nginx=nginx)
    with a_place() as place:
        seen = asyncio.run(kill_at_each_step(shape, **place))
    typer.echo("\n".join([f"{POINTS} kills, {shape}: nothing wrong", *seen]))
    raise typer.Exit(0 if seen == STEPS_OF_A_CHECKOUT else 1)


@contextmanager
def a_place() -> Iterator[Place]:
    with (
        mongo_server() as uri,
        fresh_database(uri) as database,
        tempfile.TemporaryDirectory(prefix="spothold-storm-") as folder,
    ):
        yield Place(folder=Path(folder), mongodb_uri=uri, database=database)


def _drawn(seed: int | None) -> int:
    return SystemRandom().randrange(1_000_000) if seed is None else seed


app()
