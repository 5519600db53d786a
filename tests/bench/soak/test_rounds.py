"""Rounds of the jobs leave nothing behind in the process, however many there are.

By objects and not by memory: the room that a round needs for a moment the process
keeps, and the next one uses it again.
"""

import gc
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from application.start_checkout import StartCheckoutCommand
from domain.ids import BuyerId
from domain.purchase import Buyer
from entrypoints.cli.serve import reconcile_jobs
from entrypoints.container import Container, opened
from entrypoints.settings import Settings
from tests.bench.sides import Ground, Name, offer, production
from tests.examples import CHOIR

BUYERS: Final = 3
ROUNDS: Final = 3
# Whose objects are counted.  The simulator of Stripe is in this process, too, and does
# remember; the driver keeps a pool; of a list nobody knows whose it is.
COUNTED: Final = frozenset({"adapters", "application", "domain", "stripe"})


@asynccontextmanager
async def with_some_purchases(
    ground: Ground, database: str
) -> AsyncIterator[Container]:
    """Open the parts of a service that has sold, and heard nothing of it yet."""
    await offer(ground.mongodb_uri, database, Name.PRODUCT)
    told: dict[str, Any] = production(ground, ground.wires, database)
    settings = Settings(**{name.lower(): value for name, value in told.items()})
    container = Container(settings=settings, mongodb_uri=ground.mongodb_uri)
    async with opened(container):
        start_checkout = container.use_cases().start_checkout()
        for number in range(BUYERS):
            who = f"buyer{number}"
            buyer = Buyer(id=BuyerId(who), email=f"{who}@example.org", name="Ada")
            bought = await start_checkout(
                StartCheckoutCommand(buyer=buyer, program_id=CHOIR, as_class_rep=True)
            )
            assert bought.purchase.session is not None
            await ground.stripe.press(bought.purchase.session.id, "pay")
        yield container


async def rounds(container: Container, database: str, number: int) -> None:
    """Do all jobs so often, each of which may have its turn again at once."""
    for _ in range(number):
        await container.mongo()[database]["leases"].delete_many({})
        for job in reconcile_jobs(container.use_cases()):
            await job.run()


def objects() -> Counter[str]:
    gc.collect()
    kinds = map(type, gc.get_objects())
    named = (f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)
    return Counter(name for name in named if name.partition(".")[0] in COUNTED)


async def test_no_round_of_the_jobs_leaves_an_object_behind(
    ground: Ground, database_name: str
) -> None:
    async with with_some_purchases(ground, database_name) as container:
        await rounds(container, database_name, 2)  # they settle all, and learn it
        before = objects()

        await rounds(container, database_name, ROUNDS)

        grown = objects() - before
    assert {name: n for name, n in grown.items() if n >= ROUNDS} == {}
