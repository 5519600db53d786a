"""The storms on demand, larger than a commit can wait for.

python -m tests.processes kills --count 1000 --seed 7
"""

import asyncio
import logging
import tempfile
from pathlib import Path
from random import SystemRandom
from typing import Annotated

import typer

from tests.processes.kills import kill_at_random
from tests.servers.mongo import fresh_database, mongo_server

app = typer.Typer(help=__doc__)


@app.callback()
def storms() -> None:
    """Storms over two services on a real database server."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)


@app.command()
def kills(
    *,
    count: Annotated[int, typer.Option(help="How many.")] = 1000,
    seed: Annotated[int | None, typer.Option(help="As an earlier run said.")] = None,
) -> None:
    """Kill services at random; the exit code says whether that did any harm."""
    seed = SystemRandom().randrange(1_000_000) if seed is None else seed
    with (
        mongo_server() as uri,
        fresh_database(uri) as database,
        tempfile.TemporaryDirectory(prefix="spothold-kills-") as folder,
    ):
        storm = kill_at_random(
            Path(folder), mongodb_uri=uri, database=database, kills=count, seed=seed
        )
        report = asyncio.run(storm)
    typer.echo(report)
    raise typer.Exit(1 if report.violations else 0)


app()
