"""The one script says what its steps said: its exit code is what CI believes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("ruff", "mypy", "lint-imports", "chromium", "promtool", "redis-server")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose every tool says yes at once."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".venv/bin").mkdir(parents=True)
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    for tool in (".ci/venv", *(f".venv/bin/{tool}" for tool in (*TOOLS, "pytest"))):
        _script(tmp_path / tool, "exit 0")
    return tmp_path


def _script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def _run(clone: Path) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, "CI": "true"}
    return subprocess.run(
        ["/bin/bash", ".ci/run"],
        check=False,
        cwd=clone,
        env=env,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_when_every_step_passes_the_run_does(clone: Path) -> None:
    ended = _run(clone)

    assert "All checks passed" in ended.stdout
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("tool", ["ruff", "mypy", "lint-imports", "pytest"])
def test_when_a_step_fails_the_run_does(clone: Path, tool: str) -> None:
    _script(clone / ".venv/bin" / tool, "exit 1")

    ended = _run(clone)

    assert ended.returncode == 1
    assert "FAILED: " in ended.stderr
    assert "All checks passed" not in ended.stdout


@pytest.mark.parametrize(
    ("part", "step"),
    [
        ("*tests/house*", "all other tests"),
        ("*10\\ tests/browser*", "tests that wait for processes"),
    ],
)
def test_when_one_of_two_runs_beside_each_other_fails_the_run_does(
    clone: Path, part: str, step: str
) -> None:
    _script(
        clone / ".venv/bin/pytest",
        f'case "$*" in *-q*) ;; {part}) echo broken; exit 1;; *) echo whole;; esac',
    )

    ended = _run(clone)

    assert ended.returncode == 1
    assert f"FAILED: {step}" in ended.stderr
    assert "broken" in ended.stdout
    assert "whole" in ended.stdout, "what the other one says is shown as well"
