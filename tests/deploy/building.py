"""Runs what the Dockerfile says in a folder, where there is no engine to do it."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.deploy.recipes import ROOT, Step, stages

PATIENCE: Final = 900  # seconds, for a step: packages are fetched
PLACES: Final = ("/venv", "/app")  # of the image; they come to lie in the folder


@dataclass(frozen=True, kw_only=True)
class Built:
    """An image without an engine: its files, its environment, and what it starts."""

    folder: Path
    environment: dict[str, str]
    command: list[str]
    check: list[str]

    @property
    def app(self) -> Path:
        return self.folder / "app"


def build(folder: Path) -> Iterator[str | Built]:
    """Do each step; yield its words before it, and what was built at the end.

    Raises:
        subprocess.CalledProcessError: a step failed.
    """
    (folder / "app").mkdir()
    for step in stages()[0]:
        yield f"{step.word} {step.rest}"
        _do(step, folder)
    yield _shipped(folder)


def _do(step: Step, folder: Path) -> None:
    if step.word == "RUN":
        subprocess.run(  # noqa: S602 -- as the Dockerfile says, from our own checkout
            _moved(step.rest, folder),
            shell=True,
            check=True,
            cwd=folder / "app",
            timeout=PATIENCE,
        )
    elif step.word == "COPY":
        *sources, target = step.words
        for source in sources:
            _copy(ROOT / source, folder / "app" / target)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", ".env*")
        shutil.copytree(source, target, ignore=ignored)
        return
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _moved(text: str, folder: Path) -> str:
    for place in PLACES:
        text = text.replace(f"{place}/", f"{folder}{place}/")
        text = text.replace(f" {place}", f" {folder}{place}")
        text = text.replace(f"={place}", f"={folder}{place}")
    return text


def _shipped(folder: Path) -> Built:
    last = {step.word: step for step in stages()[-1]}
    given = [step for step in stages()[-1] if step.word == "ENV"]
    pairs = (word.split("=", 1) for step in given for word in step.words)
    environment = {name: _moved(f"={value}", folder)[1:] for name, value in pairs}
    check = Step(word="CMD", rest=last["HEALTHCHECK"].rest.partition("CMD ")[2])
    return Built(
        folder=folder,
        environment=environment,
        command=last["ENTRYPOINT"].words + last["CMD"].words,
        check=check.words,
    )
