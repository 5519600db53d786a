"""Programs as an operator sees them: tables for people, JSON for scripts."""

import json
from collections.abc import Iterable
from typing import TypeAlias

import typer
from rich.console import Console
from rich.markup import escape

from application.view_programs_as_admin import ProgramOverview
from domain.class_rep import UNLIMITED
from entrypoints.cli.tables import table_of

Fact: TypeAlias = str | int | bool | None


def show(found: Iterable[ProgramOverview], *, as_json: bool) -> None:
    """Print programs, one a row."""
    if as_json:
        typer.echo(json.dumps([row_of(each) for each in found]))
        return
    table = table_of("id", "title", "price", "spots left", "on sale")
    for each in found:
        left = each.program.spots_left
        table.add_row(
            each.program.id,
            escape(each.program.title),
            str(each.program.terms.full_price),
            "unlimited" if left is None else str(left),
            on_sale(each),
        )
    Console().print(table)


def show_one(overview: ProgramOverview, *, as_json: bool) -> None:
    """Print all that there is to know of one program."""
    if as_json:
        typer.echo(json.dumps(row_of(overview)))
        return
    table = table_of("", "")
    for name, fact in row_of(overview).items():
        table.add_row(name, "" if fact is None else escape(str(fact)))
    Console().print(table)


def on_sale(overview: ProgramOverview) -> str:
    if not overview.program.is_active:
        return "retired"
    return "paused" if overview.program.is_paused else "yes"


def row_of(overview: ProgramOverview) -> dict[str, Fact]:
    """Return the facts under the names of the API; amounts in minor units."""
    program, terms, spots = overview.program, overview.program.terms, overview.spots
    deadline = terms.early_bird_deadline
    return {
        "id": program.id,
        "title": program.title,
        "programType": program.program_type,
        "fullPrice": terms.full_price.amount,
        "currency": terms.full_price.currency.code,
        "classRepDiscount": terms.class_rep_discount.amount,
        "earlyBirdDiscount": terms.early_bird_discount.amount,
        "earlyBirdDeadline": None if deadline is None else deadline.isoformat(),
        "timeZone": program.time_zone,
        "classRepLimit": None if spots.limit == UNLIMITED else spots.limit,
        "spotsHeld": spots.held,
        "spotsPaid": spots.paid,
        "spotsLeft": program.spots_left,
        "spotsOver": spots.over,
        "active": program.is_active,
        "salesPaused": program.is_paused,
        "revision": program.revision,
    }
