"""What the repository consists of, without asking git: a tarball is checked as well."""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "application", "adapters", "entrypoints")


def _ignored_names() -> list[str]:
    lines = (ROOT / ".gitignore").read_text().splitlines()
    return [".git", *(line.rstrip("/") for line in lines if line)]


def files(under: Path = ROOT) -> Iterator[Path]:
    """Every file that belongs to the project; what .gitignore names does not."""
    ignored = _ignored_names()
    for path in sorted(under.iterdir()):
        if any(fnmatch(path.name, name) for name in ignored):
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def texts() -> Iterator[tuple[str, str]]:
    """The files that are text, each with its path from the root."""
    for path in files():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path.relative_to(ROOT).as_posix(), content.decode()


def modules(*rooms: str) -> Iterator[tuple[str, str]]:
    """The Python files of these rooms, each with its path from the root."""
    for name, text in texts():
        if name.endswith(".py") and name.split("/")[0] in rooms:
            yield name, text
