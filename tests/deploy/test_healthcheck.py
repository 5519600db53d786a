"""What a container asks itself."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest

from tests.deploy.recipes import ROOT
from tests.servers.service import free_port

ANSWER: Final = "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@asynccontextmanager
async def answering(status: int, hosts: list[str]) -> AsyncIterator[int]:
    """Answer each request with this status; remember which host it named."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        assert asked[0] == "GET /api/system/health HTTP/1.1"
        hosts.extend(line[6:] for line in asked if line.startswith("Host: "))
        writer.write(ANSWER.format(status=status).encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def ask(port: int, hosts: str) -> int | None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "entrypoints.healthcheck",
        cwd=ROOT,
        env={"PORT": str(port), "ALLOWED_HOSTS": hosts},
    )
    return await process.wait()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (400, 1)])
async def test_it_believes_only_a_good_answer(status: int, code: int) -> None:
    hosts: list[str] = []
    async with answering(status, hosts) as port:
        assert await ask(port, "shop.example, other.example") == code
    assert hosts == ["shop.example"]


async def test_without_an_answer_it_says_so() -> None:
    assert await ask(free_port(), "") == 1
