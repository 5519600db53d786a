"""The service as a process of its own, started as an operator starts it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
from pydantic import SecretStr

from entrypoints.cli.tokens import Role, signed_token
from entrypoints.settings import TokenSettings
from tests.canaries import leaks
from tests.waiting import eventually

ROOT: Final = Path(__file__).resolve().parents[2]
START_PATIENCE: Final = 90.0  # seconds, of a busy machine
STOP_PATIENCE: Final = 60.0  # twice what it takes to end itself by force
ENDED_BY_FORCE: Final = "Timeout (0:00:"  # what faulthandler says before it ends one
SERVE: Final = ("entrypoints.cli", "serve")
JWT_SECRET: Final = "a-secret-of-tests-that-is-long-enough"
WEBHOOK_SECRET: Final = "whsec_of_the_tests"


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(kw_only=True)
class ServiceProcess:
    """A running service; `url` is where it listens."""

    port: int
    environment: Mapping[str, str]
    log: Path
    version: Path = ROOT  # the folder of the code that runs
    module: Sequence[str] = SERVE  # what runs, and with which words
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        self.launch()
        await self.ready()

    def launch(self) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 -- the command is ours
                [sys.executable, "-m", *self.module],
                cwd=self.version,
                env={**os.environ, **self.environment, "PORT": str(self.port)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    async def ready(self) -> None:
        """Wait until it says that it is ready."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:

            async def has_an_answer() -> bool:
                if self.process.poll() is not None:
                    raise AssertionError(f"it ended:\n{self.log.read_text()}")
                with suppress(httpx.TransportError):
                    return (await http.get("/api/system/ready")).is_success
                return False

            await eventually(has_an_answer, within=START_PATIENCE)

    def kill(self) -> None:
        """Kill it without warning."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    async def stop(self) -> int:
        """Ask it to end, as a host does before a deploy, and return its exit code."""
        self.process.terminate()
        return await asyncio.to_thread(self.process.wait, STOP_PATIENCE)

    async def clear_away(self) -> None:
        """Leave nothing running, whatever state it is in."""
        if hasattr(self, "process") and self.process.poll() is None:
            try:
                await self.stop()
            finally:
                self.kill()
        if self.log.exists():
            told = self.log.read_text()
            assert list(leaks(told)) == [], "what no log may hold"
            assert ENDED_BY_FORCE not in told, f"it hung at its end:\n{told[-4000:]}"


def service_environment(
    *, mongodb_uri: str, database: str, stripe_url: str, smtp_url: str, **more: str
) -> dict[str, str]:
    """Return the settings of a service on these parts that limits nobody's rate."""
    return {
        "MONGODB_URI": mongodb_uri,
        "MONGODB_DATABASE": database,
        "STRIPE_SECRET_KEY": "sk_test_spothold",
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STRIPE_API_BASE": stripe_url,
        "SMTP_URL": smtp_url,
        "JWT_SECRET": JWT_SECRET,
        "STRIPE_REQUESTS_PER_SECOND": "1000",
        "REQUESTS_WAITING": "256",
        "RATE_LIMIT_CHECKOUT": "1000000/minute",
        "RATE_LIMIT_CANCEL": "1000000/minute",
        "RATE_LIMIT_WEBHOOK": "1000000/minute",
        "RATE_LIMIT_ADDRESS": "1000000/minute",
        **more,
    }


@asynccontextmanager
async def service_process(
    folder: Path, environment: Mapping[str, str], *, name: str = "service"
) -> AsyncIterator[ServiceProcess]:
    """Run the service for the body of an `async with`."""
    service = ServiceProcess(
        port=free_port(), environment=environment, log=folder / f"{name}.log"
    )
    try:
        await service.start()
        yield service
    finally:
        await service.clear_away()


def bearer(sub: str, *, role: Role = Role.USER) -> dict[str, str]:
    """Return the header of somebody who is signed in."""
    settings = TokenSettings(jwt_secret=SecretStr(JWT_SECRET))
    token = signed_token(
        settings, sub=sub, email=f"{sub}@example.org", name=sub.title(), role=role
    )
    return {"Authorization": f"Bearer {token}"}
