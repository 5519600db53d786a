"""The pages and who writes each."""

from collections.abc import Callable, Mapping
from typing import Final

from entrypoints.reference import commands, errors, findings, routes, settings, states

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "api.md": routes.page,
    "commands.md": commands.page,
    "errors.md": errors.page,
    "findings.md": findings.page,
    "settings.md": settings.page,
    "states.md": states.page,
}
HINT: Final = "<!-- Written by `make reference` from the code: change it there. -->"


def text_of(name: str) -> str:
    """Return one page as it should be.

    Raises:
        KeyError: there is no such page, or something that it lists is not explained.
    """
    return f"{PAGES[name]().strip()}\n\n{HINT}\n"
