"""`spothold adopt`: take over what the system before this one sold."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Final, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape

from application.adopt import Adopt, AdoptionOutcome, AdoptionStep
from application.plan_adoption import AdoptionPlan
from application.reconcile import PlanChanged
from domain.adoption import Sale
from domain.money import Currency
from entrypoints.adoption import adoption
from entrypoints.cli.operator import operator
from entrypoints.cli.tables import table_of
from entrypoints.logging import configure_logging
from entrypoints.settings import Settings

LEFT: Final = 1
CHANGED: Final = 2
HOSTS: Final = re.compile(r"mongodb(?:\+srv)?://(?:[^@/]*@)?([^/?]+)")

Answer = TypeVar("Answer")


def adopt(
    *,
    from_predecessor: Annotated[
        str,
        typer.Option(
            envvar="PREDECESSOR_MONGODB_URI",
            help="Its mongodb:// address; it is read and never written to.",
        ),
    ],
    database: Annotated[str, typer.Option(help="The name of its database.")],
    currency: Annotated[str, typer.Option(help="What it sold in.")] = "usd",
    time_zone: Annotated[str, typer.Option(help="Where it sold.")] = "UTC",
    apply: Annotated[
        str | None, typer.Option(help="Do this plan, by its hash.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer in JSON, for scripts.")
    ] = False,
) -> None:
    """Show what would be taken over from the first system; with --apply, do it.

    Stop its sales first.  The exit code is 0 when all was taken over, 1 when something
    was left out or failed, and 2 when the plan no longer fits.
    """
    settings = Settings()
    configure_logging(level=settings.log_level, log_format=settings.log_format)
    _check_apart(settings, from_predecessor, database)
    sale = _sale(currency, time_zone)

    def run(work: Callable[[Adopt], Awaitable[Answer]]) -> Answer:
        return asyncio.run(_opened(settings, from_predecessor, database, sale, work))

    if apply is None:
        plan = run(lambda use_case: use_case.plan())
        _show_plan(plan, sale, as_json=as_json)
        raise typer.Exit(code=LEFT if plan.left_out else 0)
    try:
        done = run(lambda use_case: _applied(use_case, apply))
    except PlanChanged as refused:
        Console(stderr=True, soft_wrap=True).print(str(refused), style="red")
        raise typer.Exit(code=CHANGED) from None
    _show_steps(done, as_json=as_json)
    if any(step.outcome is AdoptionOutcome.FAILED for step in done):
        raise typer.Exit(code=LEFT)


def _sale(currency: str, time_zone: str) -> Sale:
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise typer.BadParameter(f"{time_zone!r} is no time zone") from None
    return Sale(currency=Currency(currency.lower()).code, time_zone=time_zone)


def _check_apart(settings: Settings, uri: str, database: str) -> None:
    """Refuse our own database: its collections have the same names as the other's."""
    theirs = HOSTS.match(uri)
    if theirs is None:
        raise typer.BadParameter("the address begins with mongodb:// or mongodb+srv://")
    ours = HOSTS.match(
        settings.mongodb_uri.get_secret_value() if settings.mongodb_uri else ""
    )
    is_same_server = ours is not None and ours[1] == theirs[1]
    if is_same_server and settings.mongodb_database == database:
        raise typer.BadParameter("that is our own database; give ours another name")


async def _opened(
    settings: Settings,
    uri: str,
    database: str,
    sale: Sale,
    work: Callable[[Adopt], Awaitable[Answer]],
) -> Answer:
    with Console(stderr=True).status("Reading, and asking Stripe…"):
        async with adoption(settings, uri=uri, database=database, sale=sale) as adopt:
            return await work(adopt)


async def _applied(use_case: Adopt, plan: str) -> list[AdoptionStep]:
    return [step async for step in use_case(plan, by=operator())]


# --- A plan ---------------------------------------------------------------------------


def _show_plan(plan: AdoptionPlan, sale: Sale, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_plain(plan)))
        return
    console = Console()
    programs = table_of("program", "title", "spots", "limit", "remarks")
    for each in plan.programs:
        program = each.program
        limit = program.terms.class_rep_limit or "none"
        remarks = "; ".join(each.remarks)
        title = escape(program.title)
        programs.add_row(program.id, title, str(each.spots), str(limit), remarks)
    console.print(programs)
    purchases = table_of("purchase", "order", "it was", "it becomes", "remarks")
    for row in plan.purchases:
        purchases.add_row(
            row.purchase.id,
            escape(row.purchase.order_number),
            row.was.status.value,
            row.purchase.status.value,
            escape("; ".join(row.remarks)),
        )
    console.print(purchases)
    if plan.left_out:
        left = table_of("left out", "id", "why")
        for out in plan.left_out:
            left.add_row(out.collection, escape(out.id), escape(out.why))
        console.print(left)
    typer.echo(
        f"Programs: {len(plan.programs)}, purchases: {len(plan.purchases)}, there"
        f" already: {plan.there}, left out: {len(plan.left_out)}."
    )
    typer.echo(
        f"To do exactly this, the same with: --currency {sale.currency}"
        f" --time-zone {sale.time_zone} --apply {plan.hash}"
    )


def _plain(plan: AdoptionPlan) -> dict[str, object]:
    return {
        "plan": plan.hash,
        "there": plan.there,
        "programs": [
            {
                "id": each.program.id,
                "was": each.was.id,
                "spots": each.spots,
                "remarks": list(each.remarks),
            }
            for each in plan.programs
        ],
        "purchases": [
            {
                "id": row.purchase.id,
                "was": row.was.id,
                "from": row.was.status.value,
                "to": row.purchase.status.value,
                "remarks": list(row.remarks),
            }
            for row in plan.purchases
        ],
        "leftOut": [
            {"collection": out.collection, "id": out.id, "why": out.why}
            for out in plan.left_out
        ],
    }


# --- What became of it ----------------------------------------------------------------


def _show_steps(done: Sequence[AdoptionStep], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"id": step.id, "outcome": step.outcome.value, "why": step.why}
            for step in done
        ]
        typer.echo(json.dumps({"results": rows}))
        return
    failed = [step for step in done if step.outcome is AdoptionOutcome.FAILED]
    if failed:
        table = table_of("failed", "why")
        for step in failed:
            table.add_row(escape(step.id), step.why or "")
        Console().print(table)
    typer.echo(f"Taken over: {len(done) - len(failed)}, failed: {len(failed)}.")
    typer.echo("Now run: spothold reconcile")
