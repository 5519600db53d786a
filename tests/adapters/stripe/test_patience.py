"""How long we pause between two tries: longer each time, and never all together."""

import asyncio

import pytest
import stripe

from adapters.stripe.patience import Patience
from tests.fakes.virtual_time import run_in_virtual_time

ROUNDS = 50
FIRST, SECOND = 0.25, 0.5  # the longest pauses, in seconds


async def no_answer() -> None:
    raise stripe.APIConnectionError("lost")  # type: ignore[no-untyped-call]


async def pauses_of_one_call() -> tuple[float, float]:
    now = asyncio.get_running_loop().time
    sent: list[float] = []

    async def send() -> None:
        sent.append(now())
        await no_answer()

    with pytest.raises(stripe.APIConnectionError):
        await Patience().insist(send)
    first, second, third = sent
    return second - first, third - second


def test_pauses_are_spread_over_a_time_that_doubles() -> None:
    async def main() -> list[tuple[float, float]]:
        return [await pauses_of_one_call() for _ in range(ROUNDS)]

    firsts, seconds = zip(*run_in_virtual_time(main()), strict=True)

    assert 0 <= min(firsts) < FIRST / 2 < max(firsts) <= FIRST
    assert 0 <= min(seconds) < SECOND / 2 < max(seconds) <= SECOND
    assert max(seconds) > FIRST
    assert len(set(firsts)) > ROUNDS / 2
