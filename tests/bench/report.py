"""The figures of a run as a table for people and as JSON for comparison over time."""

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import Final

from tests.bench.figures import Figure, summary

COMPARED: Final = ("beanie", "litestar", "pymongo", "stripe", "uvicorn", "secantusdb")


def lines(part: str, figures: Sequence[Figure]) -> str:
    """Write the figures of one part, each with its target and whether it is met."""
    widths = [0, 0, 0]
    rows = [(it.name, it.spread, str(it.target or "")) for it in figures]
    for row in rows:
        widths = [max(pair) for pair in zip(widths, map(len, row), strict=True)]
    written = [f"== {part}"]
    for figure, row in zip(figures, rows, strict=True):
        cells = [cell.ljust(w) for cell, w in zip(row, widths, strict=True)]
        written.append("  ".join([*cells, figure.verdict]).rstrip())
        if figure.note:
            written.append(f"    {figure.note}")
    return "\n".join(written)


def write_json(path: Path, figures: Sequence[Figure], *, at: datetime) -> None:
    """Keep a run, with what it ran on, so that the next can be held against it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    run = {
        "at": at.astimezone(UTC).isoformat(),
        "machine": {"cores": cpu_count(), "system": platform.system()},
        "python": platform.python_version(),
        "versions": {name: version(name) for name in COMPARED},
        "figures": [figure.as_json() for figure in figures],
        "summary": summary(figures),
    }
    path.write_text(json.dumps(run, indent=2) + "\n")
