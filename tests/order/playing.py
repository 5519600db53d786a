"""Tell the events of a history in every order, and see where each order leads."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from collections.abc import Set as AbstractSet
from copy import copy
from datetime import timedelta
from itertools import product
from typing import Any, Final

from application.ports.payment_events import PaymentEvent
from tests.application.world import World
from tests.fakes.turnstile import Turnstile
from tests.order.ends import end_of

LONGEST: Final = 5
COPIES: Final = 2
ROUNDS: Final = 3  # one learns what is owed, one sends it, one has nothing left to do
ROUND: Final = timedelta(minutes=11)  # longer than any claim or turn

Told = tuple[int, ...]


class OpenGate(Turnstile):
    """Keeps nobody waiting: one event at a time is told here, and nothing races."""

    async def __call__(self, moment: str) -> None:
        """Let everything pass."""


class Memory:
    """Everything outside as it was once, to go back to.

    What the containers hold never changes itself, so a copy of each container will do.
    """

    def __init__(self, world: World) -> None:
        self._parts: list[tuple[Any, dict[str, Any]]] = [
            (part, _contents(part))
            for part in (
                world.alerts,
                world.bell,
                world.clock,
                world.mailer,
                world.orphans,
                world.payments,
                world.programs,
                world.refunds,
                world.store,
                world.turns,
            )
        ]

    def restore(self) -> None:
        for part, contents in self._parts:
            for name, value in contents.items():
                setattr(part, name, copy(value))


def _contents(part: object) -> dict[str, Any]:
    """Return what a part remembers, and not what it is connected to."""
    return {
        name: copy(value)
        for name, value in vars(part).items()
        if isinstance(value, dict | list | set | Counter)
        or type(value).__module__ in {"builtins", "datetime"}
    }


def orders(events: int, heard: AbstractSet[int]) -> Iterator[Told]:
    """Yield each order of at most five tellings, by the places of the events.

    It may leave out any event that need not be heard, and tell each of them twice.
    """
    for length in range(LONGEST + 1):
        for told in product(range(events), repeat=length):
            if heard <= set(told) and max(Counter(told).values(), default=0) <= COPIES:
                yield told


async def play(
    world: World, events: Sequence[PaymentEvent], heard: AbstractSet[int]
) -> AsyncIterator[tuple[Told, str]]:
    """Yield each order, and how everything ends once reconcile has been there too.

    Orders that begin alike are played once as far as they are alike.
    """
    told: list[Told] = [()]
    begun = [Memory(world)]
    while told:
        so_far, memory = told.pop(), begun.pop()
        memory.restore()
        if so_far:
            await world.service.receive_event()(events[so_far[-1]])
        after = Memory(world)
        if heard <= set(so_far):
            await reconcile(world)
            yield so_far, end_of(world)
        for number in range(len(events)):
            if len(so_far) < LONGEST and so_far.count(number) < COPIES:
                told.append((*so_far, number))
                begun.append(after)


async def reconcile(world: World) -> None:
    """Let the jobs run until they have nothing left to do."""
    for _ in range(ROUNDS):
        world.advance(ROUND)
        await world.service.drive_purchases()()
        await world.service.drive_owing()()
        await world.service.sweep_spots()()
        await world.service.listen_back()()
        await world.service.deliver_mail()()
