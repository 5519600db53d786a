"""The demo's folder: its database, its logs, and the secrets it made up."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from entrypoints.demo.options import DemoRefused

SECRETS: Final = "demo-secrets.json"
LOCK: Final = "demo.lock"
SEEDED: Final = "samples-created"


class FolderInUse(DemoRefused):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Another demo runs on {path}. Stop it, or choose another --data-dir."
        )


class NotADemoFolder(DemoRefused):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} holds files that no demo made, so --reset leaves it alone."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSecrets:
    """Made up once: a restart keeps who signed in, and what is under way at Stripe."""

    jwt_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DemoFolder:
    path: Path

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def is_seeded(self) -> bool:
        return (self.path / SEEDED).exists()

    def note_seeded(self) -> None:
        (self.path / SEEDED).touch()

    def secrets(self) -> DemoSecrets:
        """Return this folder's secrets, readable for nobody else."""
        file = self.path / SECRETS
        if not file.exists():
            _write_privately(file, json.dumps(asdict(_new_secrets())))
        return DemoSecrets(**json.loads(file.read_text()))


@contextmanager
def demo_folder(path: Path, *, reset: bool) -> Iterator[DemoFolder]:
    """Hold a folder for one demo, emptied first if asked.

    Raises:
        FolderInUse: another demo holds it.
        NotADemoFolder: emptying it would delete what is not ours.
    """
    path = path.absolute()
    path.mkdir(parents=True, exist_ok=True)
    is_ours = (path / SECRETS).exists() or not any(path.iterdir())
    with (path / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(path) from None
        if reset:
            _empty(path, is_ours=is_ours)
        folder = DemoFolder(path)
        folder.secrets()
        folder.logs.mkdir(exist_ok=True)
        yield folder


def _empty(path: Path, *, is_ours: bool) -> None:
    if not is_ours:
        (path / LOCK).unlink()
        raise NotADemoFolder(path)
    for entry in path.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != LOCK:
            entry.unlink()


def _new_secrets() -> DemoSecrets:
    return DemoSecrets(
        jwt_secret=secrets.token_urlsafe(48),
        webhook_secret=f"whsec_{secrets.token_hex(24)}",
    )


def _write_privately(file: Path, text: str) -> None:
    """Write all of it or nothing: half a file of secrets would stop every start."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
    draft.replace(file)
