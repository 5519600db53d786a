"""`spothold doctor`: is all right that the service rests on?"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.checkups import Checkup, Verdict, overall
from entrypoints.cli.failing import settings_to_mend
from entrypoints.cli.tables import table_of
from entrypoints.container import NoDatabase
from entrypoints.doctor import examination
from entrypoints.logging import configure_logging
from entrypoints.settings import Settings

BROKEN: Final = 1
COULD_NOT_LOOK: Final = 2
CODES: Final[Mapping[Verdict, int]] = {
    Verdict.BROKEN: BROKEN,
    Verdict.UNSEEN: COULD_NOT_LOOK,
}
COLORS: Final[Mapping[Verdict, str]] = {
    Verdict.FINE: "green",
    Verdict.WARNING: "yellow",
    Verdict.BROKEN: "red",
    Verdict.UNSEEN: "magenta",
}


def doctor(
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer in JSON, for scripts.")
    ] = False,
) -> None:
    """Look at the database, Stripe, mail and clock, and say what to do.

    It changes nothing but one row of its own.  The exit code is 0 when all is fine or
    worth a warning, 1 when something is broken, and 2 when it could not look.
    """
    try:
        settings = Settings()
        configure_logging(level="ERROR", log_format=settings.log_format)
        found = asyncio.run(_looked(settings))
    except ValidationError as error:
        _could_not_look(settings_to_mend(error))
    except NoDatabase as error:
        _could_not_look(str(error))
    if as_json:
        typer.echo(json.dumps(_plain(found)))
    else:
        Console().print(_table(found))
    raise typer.Exit(code=CODES.get(overall(found), 0))


async def _looked(settings: Settings) -> Sequence[Checkup]:
    with Console(stderr=True).status("Looking…"):
        async with examination(settings) as examine:
            return await examine()


def _could_not_look(why: str) -> NoReturn:
    Console(stderr=True, soft_wrap=True).print(why, style="red", markup=False)
    raise typer.Exit(code=COULD_NOT_LOOK)


def _table(found: Sequence[Checkup]) -> Table:
    table = table_of("what", "verdict", "seen", "next step")
    for each in found:
        color = COLORS[each.verdict]
        table.add_row(
            each.name,
            f"[{color}]{each.verdict}[/{color}]",
            escape(each.said),
            escape(each.next_step or ""),
        )
    return table


def _plain(found: Sequence[Checkup]) -> Mapping[str, object]:
    return {
        "verdict": overall(found).value,
        "checks": [
            {
                "name": each.name,
                "verdict": each.verdict.value,
                "seen": each.said,
                "nextStep": each.next_step,
            }
            for each in found
        ],
    }
