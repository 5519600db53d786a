"""`python -m tests.deploy`: build what the Dockerfile says, start it, ask it, end it.

The steps are run as they stand there, in a folder instead of an image; then the service
is started as the image starts it, on an embedded database beside it, and must write
nothing beside its code.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from adapters.embedded_mongo.server import embedded_mongo
from tests.deploy.building import Built, build
from tests.deploy.recipes import compose_environment, instances
from tests.servers.service import free_port

START_PATIENCE: Final = 120  # seconds


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="spothold-image-") as name:
        folder = Path(name)
        for done in build(folder):
            if isinstance(done, Built):
                return await _try_out(done)
            say(f"==> {done}")
    return 1


async def _try_out(built: Built) -> int:
    before = _files(built.app)
    megabytes = sum(size for _, size in _files(built.folder).values()) / 1e6
    say(f"    {megabytes:.0f} MB beside Python itself")
    (built.folder / "mongo").mkdir()
    async with embedded_mongo(built.folder / "mongo") as mongo:
        environment = _environment(built, mongodb_uri=mongo.uri)
        say(f"==> {' '.join(built.command)}")
        service = await asyncio.create_subprocess_exec(
            *built.command, cwd=built.app, env=environment
        )
        try:
            lives = await _lives(built, environment, service)
        finally:
            service.terminate()
            code = await service.wait()
    wrote = _files(built.app) != before
    say(f"==> {'It lives' if lives else 'It does not live'}, and ended with {code}.")
    say("==> It wrote beside its code!" if wrote else "==> It wrote nothing.")
    return 0 if lives and code == 0 and not wrote else 1


def _files(folder: Path) -> dict[Path, tuple[int, int]]:
    """Return each file with the time of its last change and its size."""
    found = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return {path: (stat.st_mtime_ns, stat.st_size) for path, stat in found}


def _environment(built: Built, *, mongodb_uri: str) -> dict[str, str]:
    [*_, instance] = instances().values()
    settings = compose_environment(instance) | {
        "MONGODB_URI": mongodb_uri,
        "LOCK_BACKEND": "memory",
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "STOP_ANNOUNCE_SECONDS": "0",
    }
    path = built.environment["PATH"].replace("$PATH", os.environ["PATH"])
    return built.environment | settings | {"PATH": path, "TMPDIR": str(built.folder)}


async def _lives(
    built: Built, environment: dict[str, str], service: asyncio.subprocess.Process
) -> bool:
    for _ in range(START_PATIENCE):
        if service.returncode is not None:
            return False
        asked = await asyncio.create_subprocess_exec(
            *built.check, cwd=built.app, env=environment
        )
        if await asked.wait() == 0:
            return True
        await asyncio.sleep(1)
    return False


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
