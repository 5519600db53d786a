"""Visitors who come, wait, lose patience, are called away, fail and go, in any order.

`act_out` plays a schedule on a lock in virtual time and writes down what happened;
`objections` reads that record and says everything that no honest lock would do.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from random import Random

from application.ports.locks import KeyedLock, LockTimeout
from tests.fakes.virtual_time import EverybodyWaits, run_in_virtual_time


class BodyFailed(Exception):
    """The work done under the lock went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A whole tick, and so many turns of the event loop after it began."""

    tick: int
    turn: int = 0

    async def come(self) -> None:
        await asyncio.sleep(self.tick - asyncio.get_running_loop().time())
        for _ in range(self.turn):
            await asyncio.sleep(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    key: str
    arrives: Moment
    patience: int
    stays: Moment  # counted from getting in
    called_away: Moment | None
    fails: bool


@dataclass(slots=True)
class Visit:
    """What became of one visitor; times are those of the event loop."""

    visitor: Visitor
    asked: float = -1
    entered: float | None = None
    ended: float = -1
    outcome: str = ""


@dataclass(slots=True)
class Record:
    """What happened, in the order in which it happened."""

    asked: list[Visit] = field(default_factory=list)
    entered: list[Visit] = field(default_factory=list)
    crowds: list[str] = field(default_factory=list)  # keys held by two at once
    inside: Counter[str] = field(default_factory=Counter)
    is_stuck: bool = False

    @contextmanager
    def stay(self, visit: Visit) -> Iterator[None]:
        key = visit.visitor.key
        visit.entered = asyncio.get_running_loop().time()
        self.entered.append(visit)
        self.inside[key] += 1
        if self.inside[key] > 1:
            self.crowds.append(key)
        try:
            yield
        finally:
            self.inside[key] -= 1
            visit.ended = asyncio.get_running_loop().time()


def act_out(schedule: Sequence[Visitor], locks: KeyedLock) -> Record:
    record = Record()
    try:
        run_in_virtual_time(_act_out(schedule, locks, record))
    except EverybodyWaits:
        record.is_stuck = True
    return record


async def _act_out(
    schedule: Sequence[Visitor], locks: KeyedLock, record: Record
) -> None:
    async with asyncio.TaskGroup() as tasks:
        for visitor in schedule:
            visit = tasks.create_task(_visit(visitor, locks, record))
            if visitor.called_away is not None:
                tasks.create_task(_call_away(visit, visitor.called_away))


async def _call_away(visit: asyncio.Task[None], moment: Moment) -> None:
    await moment.come()
    visit.cancel()


async def _visit(visitor: Visitor, locks: KeyedLock, record: Record) -> None:
    visit = Visit(visitor)
    await visitor.arrives.come()
    visit.asked = asyncio.get_running_loop().time()
    record.asked.append(visit)
    try:
        await _enter(visit, locks, record)
        visit.outcome = "served"
    except LockTimeout:
        visit.outcome = "timed out"
    except BodyFailed:
        visit.outcome = "failed"
    except asyncio.CancelledError:
        visit.outcome = "called away"
        raise
    finally:
        if visit.entered is None:
            visit.ended = asyncio.get_running_loop().time()


async def _enter(visit: Visit, locks: KeyedLock, record: Record) -> None:
    visitor = visit.visitor
    patience = timedelta(seconds=visitor.patience)
    async with locks.hold(visitor.key, wait=patience, operation="visit"):
        with record.stay(visit):
            await asyncio.sleep(visitor.stays.tick)
            for _ in range(visitor.stays.turn):
                await asyncio.sleep(0)
            if visitor.fails:
                raise BodyFailed


def objections(record: Record) -> list[str]:
    """Say what was wrong: two inside, overtaking, dawdling, a broken hold, a loss."""
    found = [f"two at once in {key}" for key in record.crowds]
    found += ["somebody was never woken"] if record.is_stuck else []
    for key in {visit.visitor.key for visit in record.asked}:
        asked = [visit for visit in record.asked if visit.visitor.key == key]
        entered = [visit for visit in record.entered if visit.visitor.key == key]
        found += _overtaking(asked, entered) + _dawdling(entered)
        found += [
            objection
            for visit in asked
            for objection in (*_not_as_planned(visit), *_needless_wait(visit, entered))
        ]
    return found


def _overtaking(asked: list[Visit], entered: list[Visit]) -> list[str]:
    places = [next(i for i, v in enumerate(asked) if v is each) for each in entered]
    return [f"{b} after {a}" for a, b in pairwise(places) if b < a]


def _dawdling(entered: list[Visit]) -> list[str]:
    """A key let go of is taken at that very moment, if anybody wants it."""
    found = []
    free_since = 0.0
    for visit in entered:
        if visit.entered != max(visit.asked, free_since):
            found.append(f"entered at {visit.entered}, free since {free_since}")
        free_since = visit.ended
    return found


def _not_as_planned(visit: Visit) -> Iterator[str]:
    """A visit ends as planned; nobody but the visitor's own task cuts it short."""
    visitor = visit.visitor
    if visit.outcome in {"served", "failed"}:
        if visit.ended - (visit.entered or 0.0) != visitor.stays.tick:
            yield f"a hold was cut short or drawn out: {visit}"
        if visitor.fails is not (visit.outcome == "failed"):
            yield f"an error was swallowed or invented: {visit}"
    if visit.entered is not None and visit.entered - visit.asked > visitor.patience:
        yield f"waited longer than it would: {visit}"


def _needless_wait(visit: Visit, entered: list[Visit]) -> Iterator[str]:
    """Whoever left without the key went away while somebody else had it."""
    if visit.entered is not None:
        return
    waited = visit.ended - visit.asked
    if visit.outcome == "timed out" and waited != visit.visitor.patience:
        yield f"gave up after {waited}: {visit}"
    held = sum(
        max(0.0, min(other.ended, visit.ended) - max(other.entered or 0.0, visit.asked))
        for other in entered
    )
    if held < waited:
        yield f"nobody held the key for all of its wait: {visit}"


def random_schedule(random: Random) -> list[Visitor]:
    """Draw visitors so crowded that every pair of events falls together somewhere."""

    def moment(last_tick: int) -> Moment:
        return Moment(tick=random.randint(0, last_tick), turn=random.randint(0, 3))

    return [
        Visitor(
            key=random.choice("aab"),
            arrives=moment(3),
            patience=random.choice((0, 1, 2, 3, 20)),
            stays=moment(2),
            called_away=moment(5) if random.random() < 0.4 else None,
            fails=random.random() < 0.2,
        )
        for _ in range(random.randint(2, 8))
    ]
