"""How long a checkout holds its key, and how long others wait for it."""

import asyncio

import pytest

from adapters.in_memory.locks import InMemoryKeyedLock
from application.ports.locks import LockTimeout
from application.start_checkout import CheckoutUnresolved
from domain.purchase import Status
from tests.application.world import World, session_of
from tests.fakes.virtual_time import run_in_virtual_time, virtual_time_loop


def timed_world() -> World:
    return World(lock=InMemoryKeyedLock(now=asyncio.get_running_loop().time))


async def never() -> None:
    await asyncio.Event().wait()


def test_a_checkout_is_cut_off_after_eight_seconds_and_carried_on_later() -> None:
    async def main() -> None:
        world = timed_world()
        loop = asyncio.get_running_loop()
        world.gate.once("after payments.create_session", never)

        with pytest.raises(CheckoutUnresolved) as refusal:
            await world.check_out(as_class_rep=True)

        assert loop.time() == pytest.approx(8)
        (purchase,) = world.rows
        assert refusal.value.purchase_id == purchase.id
        assert purchase.status is Status.RESERVED
        assert world.lock.statistics().active == 0
        answer = await world.check_out(as_class_rep=True)
        assert answer.purchase.id == purchase.id
        assert (world.sessions_created, len(world.held())) == (1, 1)

    run_in_virtual_time(main())


def test_the_eight_seconds_begin_before_the_program_is_read() -> None:
    async def main() -> None:
        world = timed_world()
        loop = asyncio.get_running_loop()

        async def read_slowly() -> None:
            await asyncio.sleep(4)

        world.gate.once("before programs.get", read_slowly)
        world.gate.once("after payments.create_session", never)

        with pytest.raises(CheckoutUnresolved):
            await world.check_out()

        assert loop.time() == pytest.approx(8)

    run_in_virtual_time(main())


def test_a_second_click_outwaits_the_first_one() -> None:
    async def main() -> None:
        world = timed_world()
        world.gate.once("after payments.create_session", never)

        first, second = await asyncio.gather(
            world.check_out(), world.check_out(), return_exceptions=True
        )

        assert isinstance(first, CheckoutUnresolved)
        assert not isinstance(second, BaseException)
        assert second.existing
        assert world.sessions_created == 1

    run_in_virtual_time(main())


def test_a_webhook_that_cannot_have_its_key_in_fifteen_seconds_is_sent_again() -> None:
    async def main() -> None:
        world = timed_world()
        answer = await world.check_out()
        paid = world.payments.pay(session_of(answer.purchase))
        loop = asyncio.get_running_loop()
        began = loop.time()
        world.gate.once("before purchases.change", never)
        stuck = asyncio.create_task(world.tell(paid))
        await asyncio.sleep(0)

        with pytest.raises(LockTimeout):
            await world.tell(paid)

        assert loop.time() - began == pytest.approx(15)
        stuck.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stuck
        await world.tell(paid)
        assert world.row(answer.purchase).status is Status.COMPLETED

    run_in_virtual_time(main())


def test_two_clicks_of_one_buyer_wait_for_each_other() -> None:
    async def main() -> None:
        world = timed_world()
        await asyncio.gather(world.check_out(), world.check_out())

        assert world.lock.statistics().contended == 1

    run_in_virtual_time(main())


@pytest.mark.parametrize(
    "moment",
    [
        "after purchases.add",
        "before programs.reserve_spot",
        "after programs.reserve_spot",
        "before purchases.change",
        "after purchases.change",
    ],
)
def test_a_slow_database_ends_in_one_session_too(moment: str) -> None:
    async def main() -> None:
        world = timed_world()
        loop = asyncio.get_running_loop()
        world.gate.once(moment, never)

        first, second = await asyncio.gather(
            *(world.check_out(as_class_rep=True) for _ in range(2)),
            return_exceptions=True,
        )

        assert loop.time() == pytest.approx(8)
        assert isinstance(first, CheckoutUnresolved)
        assert not isinstance(second, BaseException)
        assert world.live == [second.purchase]
        assert (world.sessions_created, len(world.held())) == (1, 1)

    run_in_virtual_time(main())


@pytest.mark.parametrize("seconds", [2, 10])
@pytest.mark.parametrize("moment", ["after purchases.add", "after purchases.change"])
def test_a_stalled_loop_is_late_and_right(moment: str, seconds: int) -> None:
    async def main() -> None:
        world = timed_world()

        async def stall() -> None:  # nobody runs, and then all timers are due at once
            virtual_time_loop().stall(seconds)

        world.gate.once(moment, stall)

        answers = await asyncio.gather(
            *(world.check_out(as_class_rep=True) for _ in range(3)),
            return_exceptions=True,
        )
        last = await world.check_out(as_class_rep=True)

        refusals = [each for each in answers if isinstance(each, BaseException)]
        assert all(
            isinstance(each, CheckoutUnresolved | LockTimeout) for each in refusals
        )
        assert world.live == [last.purchase]
        assert (world.sessions_created, len(world.held())) == (1, 1)
        assert world.lock.statistics().active == 0

    run_in_virtual_time(main())
