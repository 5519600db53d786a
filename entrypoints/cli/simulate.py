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
    console.print(_table(findings))
    console.print(_in_a_line(findings, seconds=perf_counter() - began), highlight=False)
    raise typer.Exit(code=tell_bad_endings(findings, chosen, console))


def tell_bad_endings(
    findings: Findings, faults: frozenset[Fault], console: Console
) -> int:
    """Print how to see each bad ending again; return the exit code."""
    for ending in findings.bad[:SHOWN_MAX]:
        console.print(how_to_repeat(ending, faults), style="red", markup=False)
    return 1 if findings.bad else 0


def _in_a_line(findings: Findings, *, seconds: float) -> str:
    return (
        f"{findings.stories} stories, {findings.steps} steps, "
        f"{len(findings.bad)} ended badly, {findings.stories / seconds:.0f} a second"
    )


def _table(findings: Findings) -> Table:
    table = Table("What happened", "Times")
    for what, times in sorted(findings.seen.items()):
        table.add_row(what, str(times))
    return table
