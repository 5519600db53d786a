"""npm async-lock on Node, installed under `.tools/` by its lock file."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.bench.lock.measures import WARM_UP, Measure
from tests.bench.lock.runs import Run, run_of

SOURCE: Final = Path(__file__).parent / "node"
TARGET: Final = Path(".tools/bench-lock")


def is_here() -> bool:
    return all(map(shutil.which, ("node", "npm")))


def install() -> None:
    """Bring the locked version, unless it is there.

    Raises:
        subprocess.CalledProcessError: npm could not.
    """
    lock = SOURCE / "package-lock.json"
    known = TARGET / "node_modules" / ".bench-lock.json"
    shutil.copytree(SOURCE, TARGET, dirs_exist_ok=True)
    if known.exists() and known.read_bytes() == lock.read_bytes():
        return
    npm = shutil.which("npm") or "npm"
    subprocess.run((npm, "ci", "--loglevel=error"), cwd=TARGET, check=True)  # noqa: S603
    shutil.copy(lock, known)


async def measured(
    measure: Measure, count: int, *, is_armed: bool, warm_up: int = WARM_UP
) -> Run:
    numbers = (measure.value, str(count), str(warm_up))
    armed = ("armed",) if is_armed else ()
    script = str(TARGET / "measure.mjs")
    return await run_of(("node", "--expose-gc", script, *numbers, *armed))
