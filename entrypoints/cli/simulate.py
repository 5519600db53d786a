"""`spothold simulate`: a thousand bad days in a minute, each with a number."""

from time import perf_counter
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from entrypoints.simulation.campaign import Findings, how_to_repeat, stories
from entrypoints.simulation.odds import EVERY_FAULT, Fault

SHOWN_MAX: Final = 20


def simulate(
    *,
    seeds: Annotated[int, typer.Option(min=1, help="How many stories to play.")] = 1000,
    first_seed: Annotated[int, typer.Option(help="The number of the first one.")] = 0,
    faults: Annotated[
        list[Fault] | None,
        typer.Option(help="Only this fault; repeat it for another.  If none: all."),
    ] = None,
) -> None:
    """Play the service through seeded faults, and check that it keeps its promises.

    Two instances share one database and one Stripe, all of them in this process and in
    no real time.  Each seed is one story, the same each time.  The exit code is 1 if a
    promise was broken; the line to repeat that story is printed.
    """
    chosen = frozenset(faults) if faults else EVERY_FAULT
    console = Console()
    began = perf_counter()
    findings = Findings()
    numbers = range(first_seed, first_seed + seeds)
    for ending in track(
        stories(numbers, faults=chosen),
        total=seeds,
        description="Simulating",
        console=console,
        transient=True,
    ):
        findings.add(ending)
    console.print(_table(findings, seconds=perf_counter() - began))
    for ending in findings.bad[:SHOWN_MAX]:
        console.print(how_to_repeat(ending, chosen), style="red", markup=False)
    if findings.bad:
        raise typer.Exit(code=1)


def _table(findings: Findings, *, seconds: float) -> Table:
    speed = findings.stories / seconds
    table = Table(
        "What happened",
        "Times",
        title=(
            f"{findings.stories} stories, {findings.steps} steps, "
            f"{len(findings.bad)} ended badly, {speed:.0f} a second"
        ),
    )
    for what, times in sorted(findings.seen.items()):
        table.add_row(what, str(times))
    return table
