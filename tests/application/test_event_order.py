"""Events that contradict each other; of one set of facts see tests/order."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from application.ports.payment_events import EventKind, PaymentEvent
from domain.checkout import CheckoutSession
from domain.purchase import Purchase, Status
from tests.application.world import World, session_of

COMPLETED = EventKind.SESSION_COMPLETED
SUCCEEDED = EventKind.ASYNC_PAYMENT_SUCCEEDED
FAILED = EventKind.ASYNC_PAYMENT_FAILED
EXPIRED = EventKind.SESSION_EXPIRED


async def tell_all(world: World, events: Sequence[PaymentEvent]) -> None:
    for event in events:
        await world.service.receive_event()(event)


async def checked_out(world: World) -> tuple[Purchase, CheckoutSession]:
    answer = await world.check_out(as_class_rep=True)
    return answer.purchase, world.session(answer.purchase)


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_contradicting_events_neither_lose_money_nor_a_spot(
    order: tuple[int, ...],
) -> None:
    """Stripe promises that no session is both expired and paid; rogue money may be."""
    world = World()
    purchase, opened = await checked_out(world)
    paid = world.payments.pay(session_of(purchase))
    events = [
        world.event(paid, COMPLETED),
        world.event(opened, EXPIRED),
        world.event(opened, FAILED),
        world.event(paid, SUCCEEDED),
    ]

    await tell_all(world, [events[n] for n in order])

    row = world.row(purchase)
    is_first = order[0] in {0, 3}
    assert row.status is (Status.COMPLETED if is_first else Status.CLOSED)
    assert len(row.extra_payments) == (0 if is_first else 1)
    assert world.held() == ({row.id} if is_first else set())
