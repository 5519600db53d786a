"""Everything outside as it once was, to go back to."""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import fields
from random import Random
from typing import Any, Final, TypeAlias

from tests.application.world import World

OUTSIDE: Final = "entrypoints.simulation.outside."

Contents: TypeAlias = Sequence[dict[str, Any]]


class Outside:
    """All stand-ins of a world, and what the process in front of them remembers.

    What their containers hold never changes itself, so copies of containers will do.
    What a use case has in hand is not a part of it.
    """

    def __init__(self, world: World) -> None:
        self._parts = [(part, _names(part)) for part in _parts_of(world)]
        memories = (world.service.programs_on_hand(), world.service.abandoned_lately())
        self._parts += [(each, _memory_of(each)) for each in memories]

    def remember(self) -> Contents:
        return [
            {name: copy(getattr(part, name)) for name in names}
            for part, names in self._parts
        ]

    def restore(self, contents: Contents) -> None:
        for (part, _), values in zip(self._parts, contents, strict=True):
            for name, value in values.items():
                setattr(part, name, copy(value))


def _parts_of(world: World) -> Iterator[Any]:
    """Yield every stand-in, and those inside of stand-ins, once."""
    found: dict[int, Any] = {}
    waiting = list(vars(world).values())
    while waiting:
        part = waiting.pop()
        if _is_stand_in(part) and id(part) not in found:
            found[id(part)] = part
            waiting += vars(part).values()
    yield from found.values()


def _names(part: object) -> Sequence[str]:
    """Name what a part remembers, not what it is connected to.

    What is drawn by lot is drawn anew.
    """
    return [
        name
        for name, value in vars(part).items()
        if not (callable(value) or _is_stand_in(value) or isinstance(value, Random))
    ]


def _memory_of(part: object) -> Sequence[str]:
    """Name what a part of the service has learnt, and not what it was made of."""
    return [field.name for field in fields(part) if not field.init]  # type: ignore[arg-type]  # a dataclass


def _is_stand_in(value: object) -> bool:
    return type(value).__module__.startswith(OUTSIDE)
