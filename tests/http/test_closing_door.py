"""The server ends while callers are between the kernel and it."""

import asyncio
import errno
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import Any, Final

import pytest
import uvicorn

from entrypoints.http.closing_door import rest_of_the_queue
from entrypoints.http.leaving import Leaving
from entrypoints.http.server import Server

CALLERS: Final = 5
ASKED: Final = b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n"


async def says_yes(_scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"yes"})


def ours(config: uvicorn.Config) -> uvicorn.Server:
    return Server(config, leaving=Leaving(), announce=timedelta())


@asynccontextmanager
async def open_door(server: uvicorn.Server) -> AsyncIterator[int]:
    """Listen, and yield the port; the test ends it."""
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]


def config() -> uvicorn.Config:
    return uvicorn.Config(
        says_yes, host="127.0.0.1", port=0, lifespan="off", log_config=None
    )


def call(port: int) -> socket.socket:
    """Connect, which takes the kernel alone: the loop does not run meanwhile."""
    caller = socket.create_connection(("127.0.0.1", port))
    caller.settimeout(0)
    return caller


async def answer(caller: socket.socket) -> bytes:
    with caller:
        try:
            return await asyncio.get_running_loop().sock_recv(caller, 1000)
        except ConnectionError:
            return b""


async def answers_at_the_end_of(server: uvicorn.Server) -> list[bytes]:
    """Let some have asked, and some only connected, when the server is to end."""
    loop = asyncio.get_running_loop()
    async with open_door(server) as port, asyncio.timeout(10):
        callers = [call(port) for _ in range(CALLERS)]
        quick, slow = callers[:-1], callers[-1]
        for caller in quick:
            caller.send(ASKED)
        ending = asyncio.create_task(server.shutdown())
        await asyncio.sleep(0)  # the door is closed now
        with suppress(ConnectionError):
            await loop.sock_sendall(slow, ASKED)
        await ending
        return [await answer(caller) for caller in callers]


async def test_whoever_came_before_the_end_is_answered() -> None:
    answers = await answers_at_the_end_of(ours(config()))

    assert [each[:12] for each in answers] == [b"HTTP/1.1 200"] * CALLERS


async def test_uvicorn_alone_would_hang_up_on_them() -> None:
    answers = await answers_at_the_end_of(uvicorn.Server(config()))

    assert b"" in answers


async def test_whoever_comes_later_is_refused() -> None:
    server = ours(config())
    async with open_door(server) as port:
        await server.shutdown()

        with pytest.raises(ConnectionRefusedError):
            call(port)


@contextmanager
def room_for(files: int) -> Iterator[None]:
    """Let this process open none or one file more, and then no other."""
    lowest_free = os.dup(0)
    os.close(lowest_free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free + files, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("files", [0, 1], ids=["no copy", "no guest"])
async def test_a_full_house_ends_in_good_order_too(files: int) -> None:
    told: list[str] = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        for _ in range(2):
            message = (await receive())["type"]
            told.append(message)
            await send({"type": f"{message}.complete"})

    server = ours(
        uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="on", log_config=None)
    )
    async with open_door(server) as port:
        with call(port), room_for(files):
            await server.shutdown()

        assert told == ["lifespan.startup", "lifespan.shutdown"]
        with pytest.raises(ConnectionRefusedError):
            call(port)


class Fickle(socket.socket):
    """A door at which the first to come is gone before it is let in."""

    is_first = True

    def accept(self) -> tuple[socket.socket, Any]:
        if self.is_first:
            self.is_first = False
            raise OSError(errno.ECONNABORTED, "as accept(2) says it")
        return super().accept()


def test_one_who_is_gone_keeps_nobody_out_who_stands_behind() -> None:
    door = Fickle()
    door.bind(("127.0.0.1", 0))
    door.listen()
    door.settimeout(0)

    with call(door.getsockname()[1]) as caller:
        [guest] = rest_of_the_queue(door)
        with guest:
            assert guest.getpeername() == caller.getsockname()

    assert door.fileno() == -1
