"""Tell the events of a history in every order, and see where each order leads."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import product
from typing import Final

from application.ports.payment_events import PaymentEvent
from tests.application.ends import end_of
from tests.application.memory import Outside
from tests.application.reconcile import reconcile
from tests.application.world import World
from tests.fakes.turnstile import Turnstile

LONGEST: Final = 5
COPIES: Final = 2
ROUNDS: Final = 3  # one learns what is owed, one sends it, one has nothing left to do

LISTENING: Final = frozenset({"listen_back"})

Told = tuple[int, ...]


class OpenGate(Turnstile):
    """Keeps nobody waiting: one event at a time is told here, and nothing races."""

    async def __call__(self, moment: str) -> None:
        """Let everything pass."""


def orders(events: int) -> Iterator[Told]:
    """Yield each order of at most five tellings, by the places of the events.

    It may leave out any event, and tell each of them twice.
    """
    for length in range(LONGEST + 1):
        for told in product(range(events), repeat=length):
            if max(Counter(told).values(), default=0) <= COPIES:
                yield told


async def play(
    world: World, events: Sequence[PaymentEvent], *, is_listening: bool = True
) -> AsyncIterator[tuple[Told, str]]:
    """Yield each order, and how everything ends once reconcile has been there too.

    If it is not listening, it does not ask Stripe what has happened; then only orders
    that tell of everything are played.  Orders that begin alike are played once as far
    as they are alike.
    """
    told: list[Told] = [()]
    outside = Outside(world)
    begun = [outside.remember()]
    while told:
        so_far = told.pop()
        outside.restore(begun.pop())
        if so_far:
            await world.service.receive_event()(events[so_far[-1]])
        after = outside.remember()
        if is_listening or len(set(so_far)) == len(events):
            await reconcile(
                world, rounds=ROUNDS, without=() if is_listening else LISTENING
            )
            yield so_far, end_of(world)
        for number in range(len(events)):
            if len(so_far) < LONGEST and so_far.count(number) < COPIES:
                told.append((*so_far, number))
                begun.append(after)
