"""The seed's own "Testing Strategy", word for word where it does not contradict itself.

Its first test expects two fulfilled promises to be one and reads the value of a
rejection (design/predecessor-and-peers.md, S20): both clicks succeed, with one session,
and one of them is told that it exists.  Its load test posts without a login (S21): here
a hundred buyers are who they say they are.  Its `expect(...).toBe(10)` of a counter is
the size of the set of holders.
"""

import asyncio

from application.start_checkout import CheckoutAnswer
from domain.class_rep import SpotsExhausted
from domain.ids import BuyerId
from domain.purchase import Buyer, Status
from tests.application.world import World, session_of
from tests.examples import ADA, CHOIR, a_program


def users(count: int) -> list[Buyer]:
    return [
        Buyer(id=BuyerId(f"ada-{n}"), email=f"{n}@example.org", name="Ada")
        for n in range(count)
    ]


class TestPurchaseCreationWithLock:
    async def test_should_prevent_duplicate_pending_purchases(self) -> None:
        world = World()

        results = await asyncio.gather(world.check_out(ADA), world.check_out(ADA))

        assert len({result.purchase.id for result in results}) == 1
        assert sum(result.existing for result in results) == 1
        assert len({result.purchase.pay_url for result in results}) == 1
        assert world.sessions_created == 1

    async def test_should_enforce_class_rep_limit_atomically(self) -> None:
        world = World()
        world.offer(a_program(class_rep_limit=10))

        results = await asyncio.gather(
            *(world.check_out(user, as_class_rep=True) for user in users(15)),
            return_exceptions=True,
        )

        fulfilled = [r for r in results if isinstance(r, CheckoutAnswer)]
        rejected = [r for r in results if isinstance(r, SpotsExhausted)]
        assert (len(fulfilled), len(rejected)) == (10, 5)
        updated = await world.programs.get(CHOIR)
        assert updated.class_rep_count == 10


class TestWebhookHandlerWithLock:
    async def test_should_process_webhook_only_once(self) -> None:
        world = World()
        answer = await world.check_out()
        session_data = world.payments.pay(session_of(answer.purchase))

        await world.tell(session_data)
        await world.tell(session_data)
        await world.deliver_mail()
        await world.deliver_mail()

        purchase = await world.purchases.find_by_session(session_data.id)
        assert purchase is not None
        assert purchase.status is Status.COMPLETED
        assert world.history(purchase).count(Status.COMPLETED) == 1
        assert len(world.mailer.letters) == 1


class TestLoad:
    async def test_simulate_100_concurrent_purchase_requests(self) -> None:
        world = World()

        await asyncio.gather(*(world.check_out(user) for user in users(100)))

        statistics = world.lock.statistics()
        assert (statistics.active, statistics.waiting) == (0, 0)
        assert (statistics.acquired, statistics.contended) == (100, 0)
        assert len(world.live) == world.sessions_created == 100
