"""`spothold export` and `spothold anonymise`: what a buyer may ask of their data."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

from application.own_purchase import all_purchases
from domain.anonymity import Standing, standing_of
from domain.ids import BuyerId
from domain.purchase import Purchase
from entrypoints.cli.tables import table_of
from entrypoints.container import running_use_cases
from entrypoints.logging import configure_logging
from entrypoints.settings import Settings

WAITS: Final = 1
TOLD: Final = {
    Standing.UNPAID: "unpaid: has to be cancelled at Stripe first",
    Standing.MONEY_UNDER_WAY: "waits: money is under way",
    Standing.MAIL_DUE: "waits: a mail is due",
    Standing.READY: "can be anonymised",
    Standing.ANONYMISED: "is anonymised",
}
Buyer = Annotated[str, typer.Option(help="The buyer's id: `sub` in their tokens.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]


def export(*, buyer: Buyer, as_json: AsJson = False) -> None:
    """Show what is kept of a buyer's purchases; JSON has all of it, to hand over."""
    found = asyncio.run(_all_purchases(BuyerId(buyer)))
    if as_json:
        told = {"buyer": buyer, "purchases": [_plain(purchase) for purchase in found]}
        typer.echo(json.dumps(told, indent=2))
        return
    table = table_of("order", "program", "status", "name", "email", "total")
    for purchase in found:
        table.add_row(
            purchase.order_number,
            escape(purchase.program.title),
            purchase.status.value,
            escape(purchase.buyer.name),
            escape(purchase.buyer.email),
            str(purchase.quote.total),
        )
    Console().print(table)


def anonymise(
    *,
    buyer: Buyer,
    is_applied: Annotated[
        bool, typer.Option("--apply", help="Do it; without it, only show the plan.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Replace a buyer's name, address and country; what was paid stays in the ledger.

    The exit code is 1 if, after --apply, a purchase still waits: run it again later.
    What Stripe itself keeps is redacted in Stripe's dashboard.
    """
    found = asyncio.run(_anonymised(BuyerId(buyer), is_applied=is_applied))
    if as_json:
        rows = [{"purchase": p.id, "standing": standing_of(p).value} for p in found]
        typer.echo(json.dumps({"applied": is_applied, "purchases": rows}))
    else:
        table = table_of("purchase", "order", "status", "what becomes of it")
        for purchase in found:
            told = TOLD[standing_of(purchase)]
            table.add_row(
                purchase.id, purchase.order_number, purchase.status.value, told
            )
        Console().print(table)
    if is_applied and any(map(_waits, found)):
        raise typer.Exit(code=WAITS)


def _waits(purchase: Purchase) -> bool:
    return standing_of(purchase) is not Standing.ANONYMISED


async def _all_purchases(buyer_id: BuyerId) -> Sequence[Purchase]:
    async with running_use_cases(_settings()) as use_cases:
        return await all_purchases(use_cases.purchases(), buyer_id)


async def _anonymised(buyer_id: BuyerId, *, is_applied: bool) -> Sequence[Purchase]:
    async with running_use_cases(_settings()) as use_cases:
        anonymise_buyer = use_cases.anonymise_buyer()
        if is_applied:
            return await anonymise_buyer(buyer_id)
        return await anonymise_buyer.plan(buyer_id)


def _settings() -> Settings:
    settings = Settings()
    configure_logging(level=settings.log_level, log_format=settings.log_format)
    return settings


def _plain(value: object) -> object:
    """Write down every field there is, also those that come later."""
    match value:
        case datetime():
            return value.isoformat()
        case str() | int() | None:
            return value
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case Sequence():
            return [_plain(each) for each in value]
    if is_dataclass(value):
        return {it.name: _plain(getattr(value, it.name)) for it in fields(value)}
    return str(value)
