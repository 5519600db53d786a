"""Every setting with its default, in the groups and words of `.env.example`."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from entrypoints.reference.tables import table
from entrypoints.settings import Settings

EXAMPLE: Final = Path(__file__).parents[2] / ".env.example"
GROUP: Final = re.compile(r"# --- (?P<title>.+?) -+")
NAMED: Final = re.compile(r"(?:# )?(?P<name>[A-Z][A-Z0-9_]+)=.*")

INTRODUCTION: Final = """# Settings

Environment variables, or a file `.env` beside the service. Secrets never show in a log
or an error; a setting that is missing, malformed or unsafe stops the service at its
start, with one line that names it. `.env.example` has them all, ready to be copied.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One setting as the example explains it."""

    group: str
    name: str
    words: str


def page() -> str:
    """Return the page.

    Raises:
        KeyError: a setting is not explained.
    """
    return INTRODUCTION + "\n".join(
        f"\n## {group}\n\n{_table(group)}" for group in _groups()
    )


def explained() -> dict[str, Explained]:
    """Read the example: a comment explains the settings that follow it at once."""
    group, words, begins_anew = "", "", True
    found: dict[str, Explained] = {}
    for line in EXAMPLE.read_text("utf-8").splitlines():
        heading, named = GROUP.match(line), NAMED.fullmatch(line)
        if heading:
            group, begins_anew = heading["title"], True
        elif named:
            name = named["name"]
            found[name] = Explained(group=group, name=name, words=words)
            begins_anew = True
        elif line.startswith("#"):
            text = line.removeprefix("#").strip()
            words = text if begins_anew else f"{words} {text}"
            begins_anew = False
    return found


def names() -> list[str]:
    return [name.upper() for name in Settings.model_fields]


def _groups() -> list[str]:
    return list(dict.fromkeys(explained()[name].group for name in _in_order()))


def _in_order() -> list[str]:
    known = {name: place for place, name in enumerate(explained())}
    return sorted(names(), key=lambda name: known[name])


def _table(group: str) -> str:
    each = explained()
    return table(
        ["Setting", "Default", "Meaning"],
        [
            (
                f"`{name}`",
                _default(Settings.model_fields[name.lower()]),
                each[name].words,
            )
            for name in _in_order()
            if each[name].group == group
        ],
    )


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=False)
    if value is PydanticUndefined:
        return "*required*"
    if value is None or value in ((), ""):
        return ""
    return f"`{value}`"
