"""Stands between us and the database server, so that the server never outlives us.

A program of its own, run by path, standard library only:

    python keeper.py DATA_DIR GRACE_SECONDS COMMAND...

It holds the data folder's lock, starts COMMAND, and stops it (SIGTERM, then SIGKILL
after GRACE_SECONDS) as soon as its standard input ends.  That is what happens when the
parent closes the pipe, and also when the parent is killed: the kernel closes it.  This
works on every Unix and for a parent with threads, where Linux's parent-death signal
would follow the thread that started the child.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

LOCKED_BY_ANOTHER = 75  # EX_TEMPFAIL
# Seconds: a server whose owner was just killed needs two to stop.
LOCK_PATIENCE = 6.0
LOCK_PAUSE = 0.1
LOCK_NAME = "spothold.lock"
LOG_NAME = "mongo.log"


def lock_folder(data_dir: Path) -> int:
    """Take the folder's lock or, after a while, leave with `LOCKED_BY_ANOTHER`.

    The server inherits the descriptor, so the folder stays locked while either lives.
    """
    lock = os.open(data_dir / LOCK_NAME, os.O_CREAT | os.O_RDWR, 0o600)
    deadline = time.monotonic() + LOCK_PATIENCE
    while not is_taken(lock):
        if time.monotonic() > deadline:
            sys.exit(LOCKED_BY_ANOTHER)
        time.sleep(LOCK_PAUSE)
    return lock


def is_taken(lock: int) -> bool:
    """Say whether the lock is ours now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def start_server(
    command: list[str], data_dir: Path, lock: int
) -> subprocess.Popen[bytes]:
    log = data_dir / LOG_NAME
    if log.exists():  # one log back is kept: it tells why the last server ended
        log.replace(log.with_suffix(".log.1"))
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 -- the command is ours
            command,
            cwd=data_dir,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[lock],
        )


def stop(server: subprocess.Popen[bytes], grace: float) -> None:
    server.terminate()
    try:
        server.wait(grace)
    except subprocess.TimeoutExpired:
        server.kill()


def stop_at_end_of_input(server: subprocess.Popen[bytes], grace: float) -> None:
    while os.read(0, 1024):
        pass
    stop(server, grace)


def main(data_dir: Path, grace: float, command: list[str]) -> int:
    server = start_server(command, data_dir, lock_folder(data_dir))
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    print("started", flush=True)  # noqa: T201 -- the parent waits for this line
    watch = threading.Thread(target=stop_at_end_of_input, args=(server, grace))
    watch.daemon = True
    watch.start()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
