"""Each scenario ends alike, whatever is wrong with the world around it."""

from dataclasses import replace

import pytest

from tests.application.ends import end_of
from tests.scenarios.careless import CARELESS
from tests.scenarios.scenarios import SCENARIOS
from tests.scenarios.shop import ANSWERS, CONDITIONS, Condition, Shop

ROUNDS = 6  # the page of whoever never paid is over after four


async def ending(name: str, condition: Condition) -> str:
    shop = Shop(condition=condition)
    play, _ = SCENARIOS[name]
    await play(shop)
    await shop.time_passes(ROUNDS)
    return end_of(shop.world, is_sorted=True)


@pytest.mark.parametrize("condition", list(CONDITIONS))
@pytest.mark.parametrize("name", list(SCENARIOS))
async def test_a_scenario_ends_alike(name: str, condition: str) -> None:
    assert await ending(name, CONDITIONS[condition]) == SCENARIOS[name][1]


@pytest.mark.parametrize("title", list(CARELESS))
async def test_who_depends_on_what_is_wrong_is_found_out(title: str) -> None:
    """By something that it does well as long as nothing is wrong."""
    case = CARELESS[title]
    careless = replace(CONDITIONS[case.condition], **case.facts)
    spared = replace(CONDITIONS["all is well"], **case.facts)

    assert set(await misled(careless)) - set(await misled(spared))


async def misled(condition: Condition) -> list[str]:
    """Name the scenarios that come to another end, or to none."""
    found = []
    for name, (_, end) in SCENARIOS.items():
        try:
            is_right = await ending(name, condition) == end
        except (*ANSWERS, AssertionError, ValueError):
            is_right = False
        if not is_right:
            found.append(name)
    return found
