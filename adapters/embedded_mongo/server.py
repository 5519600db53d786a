"""Starts SecantusDB beside us and stops it again (docs/adr/0007).

It is GPL-2.0-only and therefore an optional extra that is run and never imported.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from adapters.embedded_mongo import keeper

SERVER_COMMAND = "secantusd-py"
LISTENING = re.compile(r"listening on 127\.0\.0\.1:(\d+)")
ALWAYS = ("--sync-on-commit", "--cache-size", "256M")
START_TIMEOUT = 30.0
STOP_GRACE = 10.0  # seconds between SIGTERM and SIGKILL
# Every write is on disk before it is acknowledged (with --sync-on-commit as well).  The
# server's heartbeats cannot be streamed: without polling, a driver that saw an error
# waits ten seconds before it looks again.
URI_OPTIONS = "journal=true&serverMonitoringMode=poll&directConnection=true"


class EmbeddedMongoNotInstalled(Exception):
    def __init__(self) -> None:
        super().__init__(
            "The embedded database is not installed here. `make setup` installs it, or:"
            " .venv/bin/python -m pip install -e '.[embedded]'"
        )


class DataFolderInUse(Exception):
    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"Another embedded database is running on {data_dir}."
            " Stop it, or choose another folder."
        )
        self.data_dir = data_dir


class EmbeddedMongoDidNotStart(Exception):
    def __init__(self, log: Path) -> None:
        tail = "\n".join(_read(log).splitlines()[-5:])
        super().__init__(f"The embedded database did not start; see {log}.\n{tail}")
        self.log = log


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedMongo:
    """A running server.

    `process` is its keeper, which leads a process group of its own: a Ctrl-C in our
    terminal reaches us first, and we stop the server after everything that needs it.
    """

    uri: str
    port: int
    data_dir: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    def kill(self) -> None:
        """Kill the server and its keeper without warning, as a crash would."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    async def ended(self) -> None:
        """Return when the server has ended, whoever ended it."""
        await asyncio.to_thread(self.process.wait)


@asynccontextmanager
async def embedded_mongo(
    data_dir: Path,
    port: int = 0,
    *,
    flags: Sequence[str] = (),
    grace: float = STOP_GRACE,
) -> AsyncIterator[EmbeddedMongo]:
    """Run a server on `data_dir` for the body of an `async with`.

    What was acknowledged is still there when the next server starts on the same folder,
    even after a kill.  Port 0 takes a free one.

    Raises:
        EmbeddedMongoNotInstalled: the extra `embedded` is missing.
        DataFolderInUse: another server runs on the folder.
        EmbeddedMongoDidNotStart: anything else; the message quotes the log.
    """
    process = _launch(data_dir, port, flags, grace)
    try:
        yield await asyncio.to_thread(_wait_until_it_answers, process, data_dir)
    finally:
        await asyncio.shield(asyncio.to_thread(_stop, process))


@contextmanager
def embedded_mongo_in_thread(
    data_dir: Path, port: int = 0, *, flags: Sequence[str] = ()
) -> Iterator[EmbeddedMongo]:
    """Do the same where there is no event loop, as in a fixture for a whole session."""
    process = _launch(data_dir, port, flags)
    try:
        yield _wait_until_it_answers(process, data_dir)
    finally:
        _stop(process)


def server_command(interpreter: Path) -> Path:
    """The server's command, which pip puts beside the interpreter of the same venv."""
    command = interpreter.with_name(SERVER_COMMAND)
    if not command.exists():
        raise EmbeddedMongoNotInstalled
    return command


def _launch(
    data_dir: Path, port: int, flags: Sequence[str], grace: float = STOP_GRACE
) -> subprocess.Popen[bytes]:
    command = server_command(Path(sys.executable))
    data_dir = data_dir.absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    # An empty file: otherwise the server looks for settings in the user's home.
    config = data_dir / "secantusd.toml"
    config.touch()
    keep = [sys.executable, "-I", "-S", keeper.__file__, str(data_dir)]
    where = ["--config", str(config), "--storage-path", str(data_dir)]
    listen = ["--host", "127.0.0.1", "--port", str(port)]
    return subprocess.Popen(  # noqa: S603 -- the command is ours
        [*keep, str(grace), str(command), *where, *listen, *ALWAYS, *flags],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def _wait_until_it_answers(
    process: subprocess.Popen[bytes], data_dir: Path
) -> EmbeddedMongo:
    log = data_dir / keeper.LOG_NAME
    assert process.stdout is not None  # noqa: S101 -- it was asked for
    if not process.stdout.readline():
        if process.wait() == keeper.LOCKED_BY_ANOTHER:
            raise DataFolderInUse(data_dir)
        raise EmbeddedMongoDidNotStart(log)
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        listening = LISTENING.search(_read(log))
        if listening and _answers(uri := _uri(port := int(listening[1]))):
            return EmbeddedMongo(uri=uri, port=port, data_dir=data_dir, process=process)
        time.sleep(0.02)
    raise EmbeddedMongoDidNotStart(log)


def _uri(port: int) -> str:
    return f"mongodb://127.0.0.1:{port}/?{URI_OPTIONS}"


def _answers(uri: str) -> bool:
    with MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=500) as client:
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Close the keeper's input and wait; what still runs after that is killed."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(STOP_GRACE + 5)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(log: Path) -> str:
    return log.read_text(errors="replace") if log.exists() else ""
