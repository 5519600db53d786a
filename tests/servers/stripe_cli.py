"""Stripe's own command, kept on loopback."""

import asyncio
import os
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.requirements import TOOLS, require_tool
from tests.servers.stripe_simulator import API_KEY

COMMAND = TOOLS / "stripe-cli/node_modules/@stripe/cli-linux-x64/bin/stripe"
PATIENCE = 30
# Telemetry off, and every way out of the machine leads to a port where nobody listens:
# `trigger` and `fixtures` would otherwise ask for new releases, with no time limit.
CLOSED_IN = {
    "STRIPE_CLI_TELEMETRY_OPTOUT": "1",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1,localhost",
}


class StripeCommand:
    def __init__(self, api_base: str, home: Path) -> None:
        self.path = require_tool(COMMAND, fetch=".ci/fetch-stripe-cli")
        self.options = ["--api-key", API_KEY, "--api-base", api_base]
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            **CLOSED_IN,
        }

    async def run(self, *arguments: str) -> str:
        """Run the command to its end and return what it said.

        Raises:
            AssertionError: It did not end well.
        """
        process = await self._start(arguments)
        async with asyncio.timeout(PATIENCE):
            said, _ = await process.communicate()
        if process.returncode != 0 or b"rigger failed" in said:
            raise AssertionError(said.decode())
        return said.decode()

    @asynccontextmanager
    async def listening(self, forward_to: str) -> AsyncIterator[None]:
        """Run `stripe listen` around the block, from when it is ready."""
        process = await self._start(
            [
                "listen",
                "--no-wss",
                "--skip-update",
                "--all-snapshot",
                "--forward-to",
                forward_to,
            ]
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await _until_said(process, b"Ready!")
            yield
        finally:
            process.terminate()
            await process.communicate()

    async def _start(self, arguments: list[str] | tuple[str, ...]) -> Process:
        return await asyncio.create_subprocess_exec(
            self.path,
            *arguments,
            *self.options,
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
        )


async def _until_said(process: Process, words: bytes) -> None:
    said = b""
    assert process.stdout is not None
    while words not in said:
        more = await process.stdout.read(1024)
        if not more:
            raise AssertionError(said.decode())
        said += more
