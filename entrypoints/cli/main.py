"""The commands, and how they fail: one line that says what to do, and exit code 1."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final

import typer
from pydantic import ValidationError
from rich.console import Console

from application.errors import ApplicationError
from domain.errors import DomainError
from entrypoints.cli.failing import settings_to_mend
from entrypoints.container import NoDatabase
from entrypoints.extras import ExtraNotInstalled
from entrypoints.http.company import EXIT_CODE, NotAlone

FAILED: Final = 1
# The module of each, and its name there.
COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "adopt": ("adopt", "adopt"),
    "anonymise": ("buyers", "anonymise"),
    "demo": ("demo", "demo"),
    "doctor": ("doctor", "doctor"),
    "export": ("buyers", "export"),
    "ledger": ("ledger", "ledger"),
    "reconcile": ("reconcile", "reconcile"),
    "serve": ("serve", "serve"),
    "simulate": ("simulate", "simulate"),
    "token": ("tokens", "token"),
    "events": ("events", "events"),
    "program": ("programs", "programs"),
    "purchase": ("purchases", "purchases"),
}


def commands(*names: str) -> typer.Typer:
    """Bring in these commands, or all: a service must not wait for those of others."""
    app = typer.Typer(
        name="spothold",
        help="Sells places in programs, and class-rep spots, through Stripe Checkout.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_by_its_name)
    for name in names or COMMANDS:
        module, there = COMMANDS[name]
        command = getattr(import_module(f"entrypoints.cli.{module}"), there)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command()(command)
    return app


def asked_for(words: Sequence[str]) -> typer.Typer:
    """Bring in the command that the words begin with; all, if they begin with none."""
    return commands(*(word for word in words[:1] if word in COMMANDS))


def _by_its_name() -> None:
    """Do nothing; with this a command has its name even where it is the only one."""


def main(app: typer.Typer | None = None) -> None:
    """Run a command; what it refuses goes to standard error in one line."""
    try:
        (app or asked_for(sys.argv[1:]))()
    except ValidationError as error:
        _fail(settings_to_mend(error))
    except (ApplicationError, DomainError, NoDatabase, ExtraNotInstalled) as error:
        _fail(str(error))
    except NotAlone as error:
        _fail(str(error), code=EXIT_CODE)


def _fail(message: str, *, code: int = FAILED) -> None:
    Console(stderr=True, soft_wrap=True).print(message, style="red", markup=False)
    sys.exit(code)
