"""`spothold reconcile`: what is not as it should be; and `--apply`, exactly that."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Self, TypeVar

import typer
from rich.console import Console

from application.find_differences import REACH, Differences
from application.reconcile import PlanChanged, Reconcile, Repaired
from domain.differences import PATIENCE
from domain.findings import Repair
from entrypoints.cli.found import (
    finding_row,
    findings_table,
    repair_row,
    repairs_table,
)
from entrypoints.cli.operator import operator
from entrypoints.container import running_use_cases
from entrypoints.logging import configure_logging
from entrypoints.settings import Settings

LEFT: Final = 1  # something is still not as it should be
CHANGED: Final = 2  # as for a wrong option: nothing was done
MINUTE: Final = timedelta(minutes=1)
HASH: Final = re.compile("[0-9a-f]{64}")

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """What to look at; and the plan to apply, if so."""

    reach: timedelta
    patience: timedelta
    plan: str | None = None

    @classmethod
    def of(cls, *, days: int, patience: int) -> Self:
        return cls(reach=timedelta(days=days), patience=patience * MINUTE)

    def applying(self, plan: str) -> Self:
        """Apply a plan: by its hash, or as a file, which says how it was made."""
        path = Path(plan)
        if HASH.fullmatch(plan):
            return replace(self, plan=plan)
        if not path.is_file():
            raise typer.BadParameter(f"{plan} is neither a file nor a plan's hash")
        try:
            made = json.loads(path.read_text())
            return type(self)(
                plan=str(made["plan"]),
                reach=timedelta(days=made["days"]),
                patience=made["patienceMinutes"] * MINUTE,
            )
        except (ValueError, KeyError, TypeError):
            raise typer.BadParameter(f"{path} holds no plan") from None


def reconcile(
    *,
    days: Annotated[
        int, typer.Option(min=1, max=365, help="How many days back Stripe is asked.")
    ] = REACH.days,
    patience: Annotated[
        int,
        typer.Option(
            min=0, help="Minutes; what changed less long ago is still worked on."
        ),
    ] = PATIENCE // MINUTE,
    apply: Annotated[
        str | None,
        typer.Option(help="Do this plan: its hash, or a file that --json made."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer in JSON, for scripts.")
    ] = False,
) -> None:
    """Compare all that we have with all that Stripe has, and say what differs.

    Nothing is written, unless a plan is applied: then exactly that, and only while the
    same is found.  The exit code is 0 when nothing is left, 1 when something is, and 2
    when the plan no longer fits.
    """
    wanted = _Wanted.of(days=days, patience=patience)
    if apply is None:
        found = _run(lambda use_case, say: _plan(use_case, wanted, say))
        _show_plan(found, wanted, as_json=as_json)
        is_over = not (found.findings or found.unseen)
    else:
        wanted = wanted.applying(apply)
        try:
            done = _run(lambda use_case, say: _apply(use_case, wanted, say))
        except PlanChanged as refused:
            Console(stderr=True, soft_wrap=True).print(str(refused), style="red")
            raise typer.Exit(code=CHANGED) from None
        _show_repairs(done, wanted, as_json=as_json)
        is_over = all(each.is_over for each in done)
    if not is_over:
        raise typer.Exit(code=LEFT)


Say = Callable[[str], None]


async def _plan(use_case: Reconcile, wanted: _Wanted, say: Say) -> Differences:
    say("Comparing what we have with what Stripe has…")
    return await use_case.plan(reach=wanted.reach, patience=wanted.patience)


async def _apply(use_case: Reconcile, wanted: _Wanted, say: Say) -> list[Repaired]:
    say("Finding out whether the plan still fits…")
    results = use_case.apply(
        wanted.plan or "",
        by=operator(),
        reach=wanted.reach,
        patience=wanted.patience,
    )
    done: list[Repaired] = []
    async for result in results:
        done.append(result)
        say(f"{len(done)}: {result.finding.kind} {result.finding.subject}")
    return done


def _run(work: Callable[[Reconcile, Say], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        settings = Settings()
        configure_logging(level=settings.log_level, log_format=settings.log_format)
        progress = Console(stderr=True).status("Connecting…")
        with progress:
            async with running_use_cases(settings) as use_cases:
                return await work(use_cases.differences().reconcile(), progress.update)

    return asyncio.run(run())


# --- A plan ---------------------------------------------------------------------------


def _show_plan(found: Differences, wanted: _Wanted, *, as_json: bool) -> None:
    if as_json:
        plan = {
            "plan": found.hash,
            "days": wanted.reach.days,
            "patienceMinutes": wanted.patience // MINUTE,
            "unseen": dict(found.unseen),
            "findings": list(map(finding_row, found.findings)),
        }
        typer.echo(json.dumps(plan))
        return
    console = Console()
    if found.findings:
        console.print(findings_table(found.findings))
        mendable = sum(each.repair is not Repair.NONE for each in found.findings)
        typer.echo(f"Differences: {len(found.findings)}, with a repair: {mendable}.")
        typer.echo(f"To do exactly this: spothold reconcile{_options(wanted, found)}")
    for name, why in found.unseen.items():
        typer.echo(f"Not all seen of the {name}: {why}.", err=True)
    if not found.findings and not found.unseen:
        typer.echo("All is as it should be.")


def _options(wanted: _Wanted, found: Differences) -> str:
    """Return what makes the same plan again, and applies it."""
    usual = _Wanted(reach=REACH, patience=PATIENCE)
    days = f" --days {wanted.reach.days}" if wanted.reach != usual.reach else ""
    minutes = wanted.patience // MINUTE
    patience = f" --patience {minutes}" if wanted.patience != usual.patience else ""
    return f"{days}{patience} --apply {found.hash}"


# --- What became of it ----------------------------------------------------------------


def _show_repairs(done: Sequence[Repaired], wanted: _Wanted, *, as_json: bool) -> None:
    if as_json:
        results = list(map(repair_row, done))
        typer.echo(json.dumps({"plan": wanted.plan, "results": results}))
        return
    Console().print(repairs_table(done))
