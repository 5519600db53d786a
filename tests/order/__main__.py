"""Print how many orders each history has, and to which end they lead.

    python -m tests.order [NAME ...]

The exit code is 1 if any order leads elsewhere.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence

from tests.application.world import World
from tests.order.histories import HISTORIES, History
from tests.order.playing import OpenGate, play
from tests.order.stripe import Stripe


def main(names: Sequence[str]) -> int:
    wanted = names or list(HISTORIES)
    found = {name: asyncio.run(_ends(HISTORIES[name])) for name in wanted}
    for name, ends in found.items():
        for end, number in ends.items():
            verdict = "" if end in HISTORIES[name].ends else "  WRONG"
            print(f"{number:6,}  {name}: {end}{verdict}")  # noqa: T201
    print(f"{sum(e.total() for e in found.values()):6,}  orders")  # noqa: T201
    return int(any(set(e) != HISTORIES[n].ends for n, e in found.items()))


async def _ends(history: History) -> Counter[str]:
    stripe = Stripe(World(gate=OpenGate()))
    await history.happen(stripe)
    ends = Counter[str]()
    async for _, end in play(stripe.world, stripe.events):
        ends[end] += 1
    return ends


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
