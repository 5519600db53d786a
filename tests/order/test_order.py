"""One set of facts has one end, in whatever order Stripe tells of them."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence

import pytest
from dependency_injector import providers

from application.ports.payment_events import EventKind
from tests.application.world import World
from tests.order.careless import CARELESS
from tests.order.histories import HISTORIES, History
from tests.order.playing import OpenGate, orders, play
from tests.order.stripe import Stripe

ORDERS, WHOLE_ORDERS = 18_865, 4_412


async def begun(history: History, world: World | None = None) -> Stripe:
    stripe = Stripe(world or World(gate=OpenGate()))
    await history.happen(stripe)
    return stripe


@pytest.mark.parametrize("name", list(HISTORIES))
async def test_every_order_leads_to_the_end_of_its_facts(name: str) -> None:
    """Whatever was told twice, late or never: reconcile asks for the rest."""
    history = HISTORIES[name]
    stripe = await begun(history)

    ends = dict([each async for each in play(stripe.world, stripe.events)])

    assert set(ends) == set(orders(len(stripe.events)))
    assert set(ends.values()) == history.ends


@pytest.mark.parametrize("name", list(HISTORIES))
async def test_who_was_told_everything_need_not_ask(name: str) -> None:
    """Also where nothing sets right afterwards what an old word may have spoilt."""
    history = HISTORIES[name]
    stripe = await begun(history)

    ends = dict(
        [each async for each in play(stripe.world, stripe.events, is_listening=False)]
    )

    whole = {told for told in orders(len(stripe.events)) if is_whole(told, stripe)}
    assert set(ends) == whole
    assert set(ends.values()) == history.ends


def is_whole(told: Sequence[int], stripe: Stripe) -> bool:
    return len(set(told)) == len(stripe.events)


async def test_there_are_as_many_orders_as_we_think() -> None:
    numbers = Counter[str]()
    for history in HISTORIES.values():
        stripe = await begun(history)
        for told in orders(len(stripe.events)):
            numbers["any"] += 1
            numbers["whole"] += is_whole(told, stripe)

    assert numbers == {"any": ORDERS, "whole": WHOLE_ORDERS}


async def test_every_kind_of_event_is_among_them() -> None:
    told = {
        event.kind
        for history in HISTORIES.values()
        for event in (await begun(history)).events
    }

    assert told == set(EventKind) - {EventKind.OTHER}


def test_only_what_came_back_after_a_success_has_two_ends() -> None:
    two = [name for name, history in HISTORIES.items() if len(history.ends) > 1]

    assert two == ["all of it in the dashboard and returned"]


@pytest.mark.parametrize("name", list(CARELESS))
async def test_who_trusts_the_order_is_found_out(name: str) -> None:
    assert await anext(misled(name), None) is not None


async def misled(name: str) -> AsyncIterator[str]:
    """Yield the wrong ends to which a careless service brings things."""
    for history in HISTORIES.values():
        world = World(gate=OpenGate())
        careful = getattr(world.service, name)
        careful.override(providers.Singleton(CARELESS[name], **careful.kwargs))
        stripe = await begun(history, world)
        async for _, end in play(world, stripe.events, is_listening=False):
            if end not in history.ends:
                yield end
