"""`spothold demo`: everything at once, on this machine."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from entrypoints.demo.options import DemoOptions, DemoRefused
from entrypoints.demo.run import run_demo

FAILED: Final = 1
DEFAULT: Final = DemoOptions()


def demo(
    port: Annotated[int, typer.Option(help="The shop and the API.")] = DEFAULT.port,
    simulator_port: Annotated[
        int, typer.Option(help="The Stripe simulator.")
    ] = DEFAULT.simulator_port,
    smtp_port: Annotated[
        int, typer.Option(help="Where the service hands in its mail.")
    ] = DEFAULT.smtp_port,
    inbox_port: Annotated[
        int, typer.Option(help="The page that shows the mail.")
    ] = DEFAULT.inbox_port,
    data_dir: Annotated[
        Path, typer.Option(help="Database, logs and secrets.")
    ] = DEFAULT.data_dir,
    *,
    reset: Annotated[
        bool, typer.Option("--reset", help="Delete the data of earlier demos first.")
    ] = False,
) -> None:
    """Run the service with a simulated Stripe, an inbox, a shop and sample programs."""
    options = DemoOptions(
        port=port,
        simulator_port=simulator_port,
        smtp_port=smtp_port,
        inbox_port=inbox_port,
        data_dir=data_dir,
        reset=reset,
    )
    try:
        run_demo(options, _say)
    except DemoRefused as refused:
        error = Console(stderr=True, soft_wrap=True)
        error.print(str(refused), style="red", markup=False, highlight=False)
        raise typer.Exit(FAILED) from None


def _say(text: str) -> None:
    """Print at once, also into a pipe: scripts wait for these lines."""
    print(text, flush=True)  # noqa: T201
