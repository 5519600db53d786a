"""The version before this one, as it was landed, for the minutes in which both run."""

import io
import subprocess
import tarfile
from pathlib import Path
from typing import Final

import pytest

from tests.house.repository import ROOT

PREVIOUS: Final = "3e0c13a744048be5a02b3fc9a3b1a3bfd416d54b"


def previous_version(folder: Path) -> Path:
    """Unpack the previous version and return where; skip in a clone without history."""
    if _git("cat-file", "-e", PREVIOUS).returncode != 0:
        pytest.skip(f"this clone does not reach back to {PREVIOUS}")
    packed = _git("archive", "--format=tar", PREVIOUS)
    packed.check_returncode()
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder)  # noqa: S202  # our own; 3.11.2 knows no filter
    return folder


def _git(*command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603  # our own command
        ["git", *command],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
