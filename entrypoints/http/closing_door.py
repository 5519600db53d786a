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
    sockets = [each for server in servers for each in server.sockets]
    doors = [copy for each in sockets if (copy := _copy(each))]
    for server in servers:
        server.close()
    # From the last look into the queue to the end of it there is no `await`.
    for guest in [guest for door in doors for guest in rest_of_the_queue(door)]:
        with suppress(OSError):  # gone again
            await loop.connect_accepted_socket(new_guest, guest)


def _copy(listener: socket.socket) -> socket.socket | None:
    """Keep the socket open when its server closes it; None if no more may be open."""
    try:
        copy = socket.socket(fileno=os.dup(listener.fileno()))
    except OSError:  # a full house could take nobody in either
        return None
    copy.settimeout(0)
    return copy


def rest_of_the_queue(door: socket.socket) -> list[socket.socket]:
    """Return who has connected, as far as they can be taken in, and close the door.

    Nothing that goes wrong here may keep those inside from ending in good order.
    """
    guests: list[socket.socket] = []
    with door:
        while True:
            try:
                guest, _ = door.accept()
            except ConnectionAbortedError:  # gone again; others stand behind
                continue
            except OSError:  # nobody is left, or there is no room for one more
                return guests
            guest.settimeout(0)
            guests.append(guest)


async def hear_out(silent: Callable[[], bool], *, at_most: float) -> None:
    """Wait while somebody who was let in has said nothing yet, so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(at_most):
            while silent():  # noqa: ASYNC110  # uvicorn tells nobody of what it reads
                await asyncio.sleep(PAUSE)
