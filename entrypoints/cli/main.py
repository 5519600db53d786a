"""The commands, and how they fail: one line that says what to do, and exit code 1."""

import sys
from typing import Final

import typer
from pydantic import ValidationError
from rich.console import Console

from application.errors import ApplicationError
from domain.errors import DomainError
from entrypoints.cli.adopt import adopt
from entrypoints.cli.buyers import anonymise, export
from entrypoints.cli.demo import demo
from entrypoints.cli.doctor import doctor
from entrypoints.cli.events import events
from entrypoints.cli.failing import settings_to_mend
from entrypoints.cli.ledger import ledger
from entrypoints.cli.programs import programs
from entrypoints.cli.purchases import purchases
from entrypoints.cli.reconcile import reconcile
from entrypoints.cli.serve import serve
from entrypoints.cli.simulate import simulate
from entrypoints.cli.tokens import token
from entrypoints.container import NoDatabase
from entrypoints.extras import ExtraNotInstalled
from entrypoints.http.company import EXIT_CODE, NotAlone

FAILED: Final = 1

app = typer.Typer(
    name="spothold",
    help="Sells places in programs, and class-rep spots, through Stripe Checkout.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(adopt)
app.command()(anonymise)
app.command()(demo)
app.command()(doctor)
app.command()(export)
app.command()(ledger)
app.command()(reconcile)
app.command()(serve)
app.command()(simulate)
app.command()(token)
app.add_typer(events, name="events")
app.add_typer(programs, name="program")
app.add_typer(purchases, name="purchase")


def main() -> None:
    """Run a command; what it refuses goes to standard error in one line."""
    try:
        app()
    except ValidationError as error:
        _fail(settings_to_mend(error))
    except (ApplicationError, DomainError, NoDatabase, ExtraNotInstalled) as error:
        _fail(str(error))
    except NotAlone as error:
        _fail(str(error), code=EXIT_CODE)


def _fail(message: str, *, code: int = FAILED) -> None:
    Console(stderr=True, soft_wrap=True).print(message, style="red", markup=False)
    sys.exit(code)
