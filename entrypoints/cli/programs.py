"""`spothold program`: put programs up for sale, and see what is."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape

from application.create_program import CreateProgram
from application.view_programs import ViewPrograms
from domain.ids import ProgramId
from domain.money import Money
from domain.program import InvalidTerms, Program, TermsOfSale
from entrypoints.cli.tables import table_of
from entrypoints.container import program_use_cases
from entrypoints.settings import StorageSettings

PAGE_SIZE: Final = 100

programs = typer.Typer(help="Programs: create, list.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]


@programs.command()
def create(
    program_id: Annotated[str, typer.Argument(help="Its id, as in its address.")],
    *,
    title: Annotated[str, typer.Option(help="As buyers see it.")],
    price: Annotated[int, typer.Option(help="In minor units: 5000 is 50.00 USD.")],
    currency: Annotated[str, typer.Option(help="ISO code, such as usd.")] = "usd",
    program_type: Annotated[str, typer.Option("--type")] = "Program",
    class_rep_limit: Annotated[int, typer.Option(help="0: no limit.")] = 0,
    class_rep_discount: Annotated[int, typer.Option(help="In minor units.")] = 0,
    early_bird_discount: Annotated[int, typer.Option(help="In minor units.")] = 0,
    early_bird_deadline: Annotated[
        datetime | None, typer.Option(help="Local time in the program's time zone.")
    ] = None,
    time_zone: Annotated[str, typer.Option(help="Such as Europe/Paris.")] = "UTC",
    as_json: AsJson = False,
) -> None:
    """Put a program up for sale; a price of 0 makes it free."""
    deadline = early_bird_deadline and early_bird_deadline.replace(
        tzinfo=_zone(time_zone)
    )
    program = Program(
        id=ProgramId(program_id),
        title=title,
        program_type=program_type,
        time_zone=time_zone,
        terms=TermsOfSale(
            full_price=Money.of(price, currency.lower()),
            class_rep_discount=Money.of(class_rep_discount, currency.lower()),
            early_bird_discount=Money.of(early_bird_discount, currency.lower()),
            early_bird_deadline=deadline,
            is_free=price == 0,
            class_rep_limit=class_rep_limit,
        ),
    )

    async def create_it(create: CreateProgram, _view: ViewPrograms) -> None:
        await create(program)

    _with_programs(create_it)
    _show([program], as_json=as_json)


@programs.command(name="list")
def list_(*, as_json: AsJson = False) -> None:
    """Show what is for sale."""
    found: list[Program] = []

    async def list_them(_create: CreateProgram, view: ViewPrograms) -> None:
        page = await view.page(page=1, size=PAGE_SIZE)
        found.extend(page.items)

    _with_programs(list_them)
    _show(found, as_json=as_json)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidTerms("timeZone", f"{name!r} is no time zone") from None


def _with_programs(
    work: Callable[[CreateProgram, ViewPrograms], Awaitable[None]],
) -> None:
    async def run() -> None:
        async with program_use_cases(StorageSettings()) as (create_program, view):
            await work(create_program, view)

    asyncio.run(run())


def _show(found: list[Program], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_row(program) for program in found]))
        return
    table = table_of("id", "title", "price", "spots left")
    for program in found:
        left = program.spots_left
        table.add_row(
            program.id,
            escape(program.title),
            str(program.terms.full_price),
            "unlimited" if left is None else str(left),
        )
    Console().print(table)


def _row(program: Program) -> dict[str, str | int | None]:
    return {
        "id": program.id,
        "title": program.title,
        "fullPrice": program.terms.full_price.amount,
        "currency": program.terms.full_price.currency.code,
        "spotsLeft": program.spots_left,
    }
