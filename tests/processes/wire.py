"""A wire to the database that fails on demand, at an operation named beforehand."""

import asyncio
import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import bson

from tests.servers.proxy import BODY_AT, HEADER, OP_MSG, CutOff, Moment

OURS: Final = ("purchases", "programs", "orphans")
STRUCK_WITHIN: Final = 30.0
OTHER: Final = "heartbeats and the like"


class Fault(StrEnum):
    """What happens at the operation."""

    RESET = "reset before the server saw it"
    LOST_REPLY = "reply lost and connection reset"
    SLOW = "delayed by half of what we bear"
    BLACK_HOLE = "nothing passes for longer than we bear, then it all arrives"
    LOST_BEFORE_THE_HOLE = "lost, and all that follows is in a black hole"
    LOST_IN_THE_HOLE = "done, but the reply and all that follows is in a black hole"


WHEN: Final = {
    Fault.RESET: Moment.BEFORE,
    Fault.LOST_REPLY: Moment.AFTER,
    Fault.SLOW: Moment.BEFORE,
    Fault.BLACK_HOLE: Moment.BEFORE,
    Fault.LOST_BEFORE_THE_HOLE: Moment.BEFORE,
    Fault.LOST_IN_THE_HOLE: Moment.AFTER,
}
HOLES: Final = {
    Fault.BLACK_HOLE,
    Fault.LOST_BEFORE_THE_HOLE,
    Fault.LOST_IN_THE_HOLE,
}
LOSSES: Final = set(Fault) - {Fault.SLOW, Fault.BLACK_HOLE}


async def operation(stream: asyncio.StreamReader) -> tuple[bytes, str]:
    """Read one message and name it by command, collection and fields of the filter.

    Whatever is not about our collections is all of one name.
    """
    header = await stream.readexactly(HEADER.size)
    length, _, _, opcode = HEADER.unpack(header)
    frame = header + await stream.readexactly(length - HEADER.size)
    return frame, _name(frame) if opcode == OP_MSG else OTHER


def _name(frame: bytes) -> str:
    sections = _sections(frame)
    command, collection = next(iter(sections["body"].items()))
    if collection not in OURS:
        return OTHER
    body = sections["body"]
    [update, *_] = sections.get("updates") or body.get("updates") or [{}]
    fields = body.get("filter") or update.get("q") or {}
    asked_by = f" by {', '.join(fields)}" if fields else ""
    return f"{command} {collection}{asked_by}"


def _sections(frame: bytes) -> dict[str, Any]:
    """Read the body and the document sequences of an OP_MSG, by their names."""
    found: dict[str, Any] = {}
    at = BODY_AT - 1
    while at < len(frame):
        kind, size = frame[at], struct.unpack_from("<i", frame, at + 1)[0]
        section = frame[at + 1 : at + 1 + size]
        if kind == 0:
            found["body"] = bson.decode(section)
        else:
            name, _, documents = section[4:].partition(b"\0")
            found[name.decode()] = bson.decode_all(documents)
        at += 1 + size
    return found


@dataclass(frozen=True)
class Point:
    """One operation of a request: the so-and-so-many-th of its name."""

    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.name} #{self.number}"


def points_of(names: Iterable[str]) -> list[Point]:
    """Tell operations of one name apart by counting them."""
    seen: Counter[str] = Counter()
    points = []
    for name in names:
        seen[name] += 1
        points.append(Point(name, seen[name]))
    return points


@dataclass
class Wire:
    """The watcher of a proxy; `slow` and `hole` are seconds."""

    slow: float
    hole: float
    seen: list[str] = field(default_factory=list)
    _armed: tuple[Point, Fault] | None = None
    _waits: int = 0
    _is_open: asyncio.Event = field(default_factory=asyncio.Event)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._is_open.set()

    def arm(self, point: Point, fault: Fault) -> None:
        self._armed, self._waits = (point, fault), point.number
        self._ended.clear()

    async def ended(self, *, within: float = STRUCK_WITHIN) -> None:
        """Return when the fault has come and gone.

        Raises:
            TimeoutError: the operation did not come.
        """
        async with asyncio.timeout(within):
            await self._ended.wait()

    async def watch(self, name: str, moment: Moment) -> None:
        if moment is Moment.BEFORE and name != OTHER:
            self.seen.append(name)
        await self._is_open.wait()
        if self._armed is not None and name == self._armed[0].name:
            self._waits -= moment is Moment.BEFORE
            fault = self._armed[1]
            if self._waits <= 0 and moment is WHEN[fault]:
                self._armed = None
                await self._strike(fault)

    async def _strike(self, fault: Fault) -> None:
        try:
            if fault is Fault.SLOW:
                await asyncio.sleep(self.slow)
            if fault in HOLES:
                self._is_open.clear()
                await asyncio.sleep(self.hole)
        finally:
            self._is_open.set()
            self._ended.set()
        if fault in LOSSES:
            raise CutOff
