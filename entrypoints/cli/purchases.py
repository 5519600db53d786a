"""`spothold purchase`: everything about one, and mending exactly that one."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Final, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from application.find_differences import Differences
from application.ports.archive import ArchiveQuery
from application.ports.purchases import PurchaseNotFound
from application.reconcile import PlanChanged, Repaired
from application.view_archive import PurchaseHistory
from domain.differences import PATIENCE
from domain.findings import Repair
from domain.ids import PurchaseId
from domain.purchase import Purchase
from entrypoints.cli.found import (
    finding_row,
    findings_table,
    repair_row,
    repairs_table,
)
from entrypoints.cli.operator import operator
from entrypoints.cli.tables import table_of
from entrypoints.container import running_use_cases
from entrypoints.http.archive_shapes import PurchaseFileShape
from entrypoints.logging import configure_logging
from entrypoints.settings import Settings
from entrypoints.use_cases import UseCases

LEFT: Final = 1
CHANGED: Final = 2
MINUTE: Final = timedelta(minutes=1)
SEVERAL_MAX: Final = 10

Answer = TypeVar("Answer")

purchases = typer.Typer(help="One purchase: show, repair.", no_args_is_help=True)
Named = Annotated[
    str, typer.Argument(help="Its id, its order number, its cs_… or its pi_….")
]
Patience = Annotated[
    int,
    typer.Option(min=0, help="Minutes; what changed less long ago is still worked on."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]


@purchases.command()
def show(
    name: Named, *, patience: Patience = PATIENCE // MINUTE, as_json: AsJson = False
) -> None:
    """Show its state, money, mails, timeline, and what is not as it should be.

    The exit code is 1 while something is not; nothing is written.
    """

    async def look(use_cases: UseCases) -> tuple[PurchaseHistory, Differences]:
        purchase_id = await _named(use_cases, name)
        history = await use_cases.view_archive().one(purchase_id)
        return history, await _plan(use_cases, purchase_id, patience)

    history, found = _run(look)
    if as_json:
        typer.echo(json.dumps({**_plain(history), **_plain_plan(found)}))
    else:
        _show(history)
        _show_plan(found, history.file.purchase.id)
    if found.findings or found.unseen:
        raise typer.Exit(code=LEFT)


@purchases.command()
def repair(
    name: Named,
    *,
    patience: Patience = PATIENCE // MINUTE,
    apply: Annotated[
        str | None, typer.Option(help="Do this plan, by its hash.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what would mend it; with --apply, do exactly that.

    The exit code is 0 when nothing is left, 1 when something is, and 2 when the plan no
    longer fits.
    """
    if apply is None:
        _only_plan(name, patience, as_json=as_json)
        return

    async def mend(use_cases: UseCases) -> list[Repaired]:
        steps = (
            use_cases.differences()
            .reconcile_one()
            .apply(
                await _named(use_cases, name),
                apply,
                by=operator(),
                patience=patience * MINUTE,
            )
        )
        return [step async for step in steps]

    try:
        done = _run(mend)
    except PlanChanged as refused:
        Console(stderr=True, soft_wrap=True).print(str(refused), style="red")
        raise typer.Exit(code=CHANGED) from None
    if as_json:
        typer.echo(json.dumps({"plan": apply, "results": list(map(repair_row, done))}))
    else:
        Console().print(repairs_table(done))
    if not all(each.is_over for each in done):
        raise typer.Exit(code=LEFT)


def _only_plan(name: str, patience: int, *, as_json: bool) -> None:
    async def look(use_cases: UseCases) -> tuple[PurchaseId, Differences]:
        purchase_id = await _named(use_cases, name)
        return purchase_id, await _plan(use_cases, purchase_id, patience)

    purchase_id, found = _run(look)
    if as_json:
        typer.echo(json.dumps({"id": purchase_id, **_plain_plan(found)}))
    else:
        _show_plan(found, purchase_id)
    if found.findings or found.unseen:
        raise typer.Exit(code=LEFT)


def _run(work: Callable[[UseCases], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        settings = Settings()
        configure_logging(level=settings.log_level, log_format=settings.log_format)
        async with running_use_cases(settings) as use_cases:
            return await work(use_cases)

    return asyncio.run(run())


async def _named(use_cases: UseCases, name: str) -> PurchaseId:
    """Return the one purchase that bears the name.

    Raises:
        PurchaseNotFound: none does.
        typer.BadParameter: several do, as a buyer's name.
    """
    query = ArchiveQuery(search=name.strip())
    page = await use_cases.view_archive().page(query, page=1, size=SEVERAL_MAX)
    if not page.items or not query.search:
        raise PurchaseNotFound
    if len(page.items) > 1:
        ids = ", ".join(each.id for each in page.items)
        raise typer.BadParameter(f"{page.total} purchases bear that name: {ids}")
    return page.items[0].id


async def _plan(
    use_cases: UseCases, purchase_id: PurchaseId, patience: int
) -> Differences:
    one = use_cases.differences().reconcile_one()
    return await one.plan(purchase_id, patience=patience * MINUTE)


# --- In JSON --------------------------------------------------------------------------


def _plain(history: PurchaseHistory) -> Mapping[str, Any]:
    """Return what the admin API answers, word for word."""
    plain: Mapping[str, Any] = msgspec.to_builtins(PurchaseFileShape.of(history))
    return plain


def _plain_plan(found: Differences) -> Mapping[str, Any]:
    return {
        "findings": list(map(finding_row, found.findings)),
        "unseen": dict(found.unseen),
        "plan": found.hash,
    }


# --- On a terminal --------------------------------------------------------------------


def _show(history: PurchaseHistory) -> None:
    console, purchase = Console(), history.file.purchase
    console.print(_facts(purchase))
    if purchase.mails:
        console.print(_mails(purchase))
    timeline = table_of("at", "kind", "what", "facts")
    for moment in history.timeline:
        facts = ", ".join(f"{name} {fact}" for name, fact in moment.facts.items())
        at = moment.at.isoformat(timespec="seconds")
        timeline.add_row(at, moment.kind.value, escape(moment.what), escape(facts))
    console.print(timeline)


def _facts(purchase: Purchase) -> Table:
    table = table_of("purchase", purchase.id)
    reason = f" ({purchase.closed_reason})" if purchase.closed_reason else ""
    rows = {
        "order": purchase.order_number,
        "state": f"{purchase.status}{reason}",
        "buyer": f"{purchase.buyer.name} <{purchase.buyer.email}> {purchase.buyer.id}",
        "program": f"{purchase.program.title} ({purchase.program.id})",
        "class rep": "yes" if purchase.is_class_rep else "no",
        "price": str(purchase.quote.total),
        "session": purchase.session.id if purchase.session else "",
        **_money(purchase),
    }
    for name, fact in rows.items():
        table.add_row(name, escape(fact))
    return table


def _money(purchase: Purchase) -> dict[str, str]:
    paid, dispute = purchase.paid, purchase.dispute
    rows = {"paid": f"{paid.amount}, {paid.payment_intent}" if paid else "nothing"}
    for row in purchase.refunds:
        rows[f"refund {row.id}"] = f"{row.amount}, {row.state}, {row.stripe_id or '—'}"
    for extra in purchase.extra_payments:
        told = f"{extra.amount} {extra.currency}, {extra.reason}, {extra.state}"
        rows[f"extra {extra.session_id}"] = told
    if dispute is not None:
        rows["dispute"] = f"{dispute.amount}, {dispute.state}, {dispute.id}"
    return rows


def _mails(purchase: Purchase) -> Table:
    table = table_of("mail", "state", "tries")
    for mail in purchase.mails:
        table.add_row(escape(mail.message_id), mail.state.value, str(mail.tries))
    return table


def _show_plan(found: Differences, purchase_id: PurchaseId) -> None:
    for name, why in found.unseen.items():
        typer.echo(f"Not all seen of the {name}: {why}.", err=True)
    if not found.findings:
        if not found.unseen:
            typer.echo("It is as it should be.")
        return
    Console().print(findings_table(found.findings))
    if any(each.repair is not Repair.NONE for each in found.findings):
        typer.echo(
            f"To do exactly this: spothold purchase repair {purchase_id}"
            f"{_options(found)} --apply {found.hash}"
        )


def _options(found: Differences) -> str:
    bound = found.scope.patience.bound
    return f" --patience {bound // MINUTE}" if bound != PATIENCE else ""
