"""A copy of the tree in which one line at a time is made wrong."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import cache_from_source
from pathlib import Path
from time import monotonic
from typing import IO, Any, Final

import pytest

from tests.house.repository import files
from tests.mutation.kept import ROOT, Mutant, StaleMutant
from tests.servers.mongo import mongo_server

# One failure is enough; the order is the file's, so that a verdict can be repeated.
PYTEST: Final = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
AT_MOST: Final = "--timeout=60"
# The forge has the libraries, and so pytest's plugins among them, before pytest has.
LOADED: Final = "-Wignore::pytest.PytestAssertRewriteWarning"


class Verdict(StrEnum):
    KILLED = "killed"
    SURVIVED = "SURVIVED"
    STALE = "STALE"  # what it changes is not there exactly once
    BROKEN = "BROKEN"  # the tests could not even run


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    mutant: Mutant
    verdict: Verdict
    seconds: float
    output: str = ""

    @property
    def is_killed(self) -> bool:
        return self.verdict is Verdict.KILLED


class ControlFailed(Exception):
    """The named tests fail without any change, so they cannot accuse one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    folder: Path
    forge: "subprocess.Popen[str]"

    def control(self, mutants: Sequence[Mutant]) -> None:
        """Run the named tests on the tree as it is.

        Raises:
            ControlFailed: with what pytest printed.
        """
        named = sorted({test for mutant in mutants for test in mutant.killed_by})
        code, output = self._pytest(named)
        if code != pytest.ExitCode.OK:
            raise ControlFailed(output)

    def try_(self, mutant: Mutant) -> Tried:
        """Make one change, run its tests, and put the line back."""
        begun = monotonic()
        try:
            with self._changed(mutant):
                code, output = self._pytest(mutant.killed_by)
        except StaleMutant as stale:
            return Tried(
                mutant=mutant, verdict=Verdict.STALE, seconds=0, output=str(stale)
            )
        verdicts = {
            pytest.ExitCode.OK: Verdict.SURVIVED,
            pytest.ExitCode.TESTS_FAILED: Verdict.KILLED,
        }
        return Tried(
            mutant=mutant,
            verdict=verdicts.get(code, Verdict.BROKEN),  # type: ignore[call-overload]
            seconds=monotonic() - begun,
            output=output,
        )

    @contextmanager
    def _changed(self, mutant: Mutant) -> Iterator[None]:
        path = self.folder / mutant.file
        source = path.read_text()
        changed = mutant.applied(source)
        try:
            _write(path, changed)
            yield
        finally:
            _write(path, source)

    def _pytest(self, tests: Sequence[str]) -> tuple[int, str]:
        asked, told = _pipes(self.forge)
        asked.write(json.dumps([*PYTEST, AT_MOST, LOADED, *tests]) + "\n")
        asked.flush()
        answer: dict[str, Any] = json.loads(told.readline())
        return answer["code"], answer["output"]


@contextmanager
def workshop() -> Iterator[Workshop]:
    """Copy the tree, start one database for all, and a forge in the copy."""
    with tempfile.TemporaryDirectory(prefix="spothold-mutants-") as name:
        folder = Path(name)
        _copy_to(folder)
        with mongo_server() as uri, _forge_in(folder, uri) as forge:
            yield Workshop(folder=folder, forge=forge)


def _copy_to(folder: Path) -> None:
    for path in files():
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    tools = ROOT / ".tools"  # what .ci/run fetched
    if tools.exists():
        (folder / tools.name).symlink_to(tools)


@contextmanager
def _forge_in(folder: Path, mongo_uri: str) -> "Iterator[subprocess.Popen[str]]":
    forge = subprocess.Popen(
        [sys.executable, "-m", "tests.mutation.forge"],
        cwd=folder,
        env={**os.environ, "TEST_MONGODB_URI": mongo_uri},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield forge
    finally:
        for pipe in _pipes(forge):
            pipe.close()
        forge.wait()


def _pipes(forge: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    if forge.stdin is None or forge.stdout is None:
        raise ValueError("the forge has no pipes")
    return forge.stdin, forge.stdout


def _write(path: Path, source: str) -> None:
    """Write a module, and forget what was compiled of it within the same second."""
    path.write_text(source)
    Path(cache_from_source(path)).unlink(missing_ok=True)
