"""Every command of `spothold` with its options, as its own help says them."""

from typing import Final

import typer
from typer.cli import get_docs_for_click

from entrypoints.cli.main import commands

INTRODUCTION: Final = """# Commands

Tables on a terminal, JSON with `--json` where a command has it. A command that could
not do what it was asked says so in one line on standard error and exits with 1, or as
its own text says; a wrong option exits with 2.
"""


def page() -> str:
    command = typer.main.get_command(commands())
    context = typer.Context(command, info_name="spothold")
    text = get_docs_for_click(obj=command, ctx=context, name="spothold", indent=1)
    return INTRODUCTION + "\n" + _without_noise(text)


def _without_noise(text: str) -> str:
    """Leave out what every shell offers by itself, and spaces at the ends of lines."""
    noise = ("* `--install-completion`", "* `--show-completion`")
    lines = (line.rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if not line.startswith(noise))
