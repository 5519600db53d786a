"""Stop listening, and answer whoever had come before that.

A connection is made by the kernel before we see it, and its request may be on the way
when we do.  Closing the socket resets the first, and uvicorn hangs up on the second: a
balancer that has sent a POST may then not send it to anybody else.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

PAUSE = 0.01  # seconds


class Listens(Protocol):
    @property
    def sockets(self) -> Iterable[socket.socket]: ...

    def close(self) -> None: ...


async def close_the_door(
    servers: Iterable[Listens], new_guest: Callable[[], asyncio.Protocol]
) -> None:
    """Take in all who have connected, and nobody after them: they are refused."""
    loop = asyncio.get_running_loop()
    doors = [_copy(each) for server in servers for each in server.sockets]
    for server in servers:
        server.close()
    # From the last look into the queue to the end of it there is no `await`.
    for guest in [guest for door in doors for guest in _rest_of_the_queue(door)]:
        with suppress(OSError):  # gone again
            await loop.connect_accepted_socket(new_guest, guest)


def _copy(listener: socket.socket) -> socket.socket:
    """Keep the socket open when its server closes it."""
    copy = socket.socket(fileno=os.dup(listener.fileno()))
    copy.settimeout(0)
    return copy


def _rest_of_the_queue(door: socket.socket) -> list[socket.socket]:
    guests = []
    with door, suppress(BlockingIOError):
        while True:
            guest, _ = door.accept()
            guest.settimeout(0)
            guests.append(guest)
    return guests


async def hear_out(silent: Callable[[], bool], *, at_most: float) -> None:
    """Wait while somebody who was let in has said nothing yet, so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(at_most):
            while silent():  # noqa: ASYNC110  # uvicorn tells nobody of what it reads
                await asyncio.sleep(PAUSE)
