"""`spothold program`: put programs up for sale, change them, take them off."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Final, TypeAlias
from zoneinfo import ZoneInfo

import typer

from application.act_on_program import ProgramAct, ProgramActCommand
from application.causes import BY_OPERATOR
from application.change_program import ChangeProgramCommand
from application.ports.programs import ProgramState
from application.view_programs_as_admin import ProgramOverview
from domain.ids import ProgramId
from domain.money import Money
from domain.program import InvalidTerms, Program, TermsOfSale
from domain.program_changes import ProgramChanges
from entrypoints.cli.program_tables import show, show_one
from entrypoints.container import program_desk
from entrypoints.program_desk import ProgramDesk
from entrypoints.settings import StorageSettings

PAGE_SIZE: Final = 100

Work: TypeAlias = Callable[[ProgramDesk], Awaitable[Sequence[ProgramOverview]]]

programs = typer.Typer(
    help="Programs: create, list, show, change, retire, restore, pause, resume.",
    no_args_is_help=True,
)
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]
Id = Annotated[str, typer.Argument(metavar="PROGRAM", help="Its id.")]
Why = Annotated[str, typer.Option(help="For the audit log, kept for good.")]


@programs.command()
def create(
    program_id: Annotated[str, typer.Argument(help="Its id, as in its address.")],
    *,
    title: Annotated[str, typer.Option(help="As buyers see it.")],
    price: Annotated[int, typer.Option(help="In minor units: 5000 is 50.00 USD.")],
    currency: Annotated[str, typer.Option(help="ISO code; for good.")] = "usd",
    program_type: Annotated[str, typer.Option("--type")] = "Program",
    class_rep_limit: Annotated[int, typer.Option(help="0: no limit.")] = 0,
    class_rep_discount: Annotated[int, typer.Option(help="In minor units.")] = 0,
    early_bird_discount: Annotated[int, typer.Option(help="In minor units.")] = 0,
    early_bird_deadline: Annotated[
        datetime | None, typer.Option(help="Local time in the program's time zone.")
    ] = None,
    time_zone: Annotated[str, typer.Option(help="Such as Europe/Paris.")] = "UTC",
    reason: Why = "a new program",
    as_json: AsJson = False,
) -> None:
    """Put a program up for sale; a price of 0 makes it free."""
    code = currency.lower()
    program = Program(
        id=ProgramId(program_id),
        title=title,
        program_type=program_type,
        time_zone=time_zone,
        terms=TermsOfSale(
            full_price=Money.of(price, code),
            class_rep_discount=Money.of(class_rep_discount, code),
            early_bird_discount=Money.of(early_bird_discount, code),
            early_bird_deadline=early_bird_deadline
            and early_bird_deadline.replace(tzinfo=_zone(time_zone)),
            is_free=price == 0,
            class_rep_limit=class_rep_limit,
        ),
    )

    async def create_it(desk: ProgramDesk) -> Sequence[ProgramOverview]:
        await desk.create_program()(program, why=reason)
        return [await desk.view_programs_as_admin().one(program.id)]

    show(_at_the_desk(create_it), as_json=as_json)


@programs.command(name="list")
def list_(
    *,
    state: Annotated[ProgramState, typer.Option()] = ProgramState.ACTIVE,
    search: Annotated[str, typer.Option(help="A part of a title or an id.")] = "",
    page: Annotated[int, typer.Option(min=1, help="Of a hundred each.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Show what is for sale, or was."""

    async def list_them(desk: ProgramDesk) -> Sequence[ProgramOverview]:
        found = await desk.view_programs_as_admin().page(
            state=state, search=search, page=page, size=PAGE_SIZE
        )
        return found.items

    show(_at_the_desk(list_them), as_json=as_json)


@programs.command(name="show")
def show_(program_id: Id, *, as_json: AsJson = False) -> None:
    """Show one program, for sale or retired, and how its spots stand."""

    async def look(desk: ProgramDesk) -> Sequence[ProgramOverview]:
        return [await desk.view_programs_as_admin().one(ProgramId(program_id))]

    (overview,) = _at_the_desk(look)
    show_one(overview, as_json=as_json)


@programs.command()
def change(
    program_id: Id,
    *,
    reason: Why,
    title: Annotated[str | None, typer.Option()] = None,
    price: Annotated[int | None, typer.Option(help="In minor units.")] = None,
    program_type: Annotated[str | None, typer.Option("--type")] = None,
    class_rep_limit: Annotated[int | None, typer.Option(help="0: no limit.")] = None,
    class_rep_discount: Annotated[int | None, typer.Option()] = None,
    early_bird_discount: Annotated[int | None, typer.Option()] = None,
    early_bird_deadline: Annotated[
        datetime | None, typer.Option(help="Local time in the program's time zone.")
    ] = None,
    no_early_bird: Annotated[
        bool, typer.Option("--no-early-bird", help="Take discount and deadline away.")
    ] = False,
    time_zone: Annotated[str | None, typer.Option()] = None,
    drain: Annotated[
        bool, typer.Option("--drain", help="A limit below the spots taken is meant so.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Change what is named; purchases keep their quotes."""

    async def change_it(desk: ProgramDesk) -> Sequence[ProgramOverview]:
        view = desk.view_programs_as_admin()
        now = (await view.one(ProgramId(program_id))).program
        zone = time_zone or now.time_zone
        changes = ProgramChanges(
            title=title,
            full_price=price,
            program_type=program_type,
            class_rep_limit=class_rep_limit,
            class_rep_discount=class_rep_discount,
            early_bird_discount=0 if no_early_bird else early_bird_discount,
            early_bird_deadline=early_bird_deadline
            and early_bird_deadline.replace(tzinfo=_zone(zone)),
            ends_early_bird=no_early_bird,
            time_zone=time_zone,
        )
        command = ChangeProgramCommand(
            program_id=now.id,
            changes=changes,
            by=BY_OPERATOR,
            reason=reason,
            drain=drain,
            revision=now.revision,
        )
        return await view.of([await desk.change_program()(command)])

    show(_at_the_desk(change_it), as_json=as_json)


@programs.command()
def retire(program_id: Id, *, reason: Why, as_json: AsJson = False) -> None:
    """Take a program off sale; whoever has bought it keeps it."""
    _act(ProgramAct.RETIRE, program_id, reason, as_json=as_json)


@programs.command()
def restore(program_id: Id, *, reason: Why, as_json: AsJson = False) -> None:
    """Put a retired program up for sale again."""
    _act(ProgramAct.RESTORE, program_id, reason, as_json=as_json)


@programs.command()
def pause(program_id: Id, *, reason: Why, as_json: AsJson = False) -> None:
    """Let nobody new begin to pay; open checkouts may still be paid."""
    _act(ProgramAct.PAUSE_SALES, program_id, reason, as_json=as_json)


@programs.command()
def resume(program_id: Id, *, reason: Why, as_json: AsJson = False) -> None:
    """Sell on after a pause."""
    _act(ProgramAct.RESUME_SALES, program_id, reason, as_json=as_json)


def _act(act: ProgramAct, program_id: str, reason: str, *, as_json: bool) -> None:
    async def do_it(desk: ProgramDesk) -> Sequence[ProgramOverview]:
        command = ProgramActCommand(
            act=act, program_id=ProgramId(program_id), by=BY_OPERATOR, reason=reason
        )
        program = await desk.act_on_program()(command)
        return await desk.view_programs_as_admin().of([program])

    show(_at_the_desk(do_it), as_json=as_json)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidTerms("timeZone", f"{name!r} is no time zone") from None


def _at_the_desk(work: Work) -> Sequence[ProgramOverview]:
    async def run() -> Sequence[ProgramOverview]:
        async with program_desk(StorageSettings()) as desk:
            return await work(desk)

    return asyncio.run(run())
