"""Protocol 3.2, RECONCILE: no webhook, no lock, no memory, only what is stored."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.drive_purchases import BATCH
from application.ports.purchases import StuckPurchase
from application.ports.storage import StorageUnavailable
from application.start_checkout import CheckoutUnresolved
from domain.ids import BuyerId
from domain.purchase import Buyer, ClosedReason, Purchase, Status
from domain.refunding import RefundStatus
from domain.refunds import Refund, RefundState
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.randomness import SeededRandomness
from tests.application.world import World, session_of
from tests.examples import GRACE, HOLD, a_program, a_purchase, a_refund, usd
from tests.fakes.turnstile import Crash

MINUTE = timedelta(minutes=1)
CRASHES = [
    "after purchases.add",
    "after programs.reserve_spot",
    "before payments.create_session",
    "after payments.create_session",
    "before purchases.change",
]


async def die() -> None:
    raise Crash


async def drive(world: World, *, after: timedelta = 3 * MINUTE) -> int:
    world.advance(after)
    return await world.service.drive_purchases()()


async def crashed(world: World, moment: str) -> Purchase:
    """Begin a class-rep checkout and die at that moment; return what it left."""
    world.gate.once(moment, die)
    with pytest.raises(Crash):
        await world.check_out(as_class_rep=True)
    (purchase,) = world.rows
    return purchase


@pytest.mark.parametrize("moment", CRASHES)
async def test_what_a_dead_checkout_left_is_closed_and_its_spot_given_back(
    moment: str,
) -> None:
    world = World()
    purchase = await crashed(world, moment)

    await drive(world)

    assert world.row(purchase).status is Status.CLOSED
    assert world.row(purchase).closed_reason is ClosedReason.EXPIRED
    assert world.held() == frozenset()
    assert all(session.url is None for session in world.sessions)


@pytest.mark.parametrize("creates", [True, False])
async def test_where_the_key_repeats_a_failure_it_is_searched_though_nobody_asks(
    *, creates: bool
) -> None:
    world = World()
    world.payments.save_failure(SeededRandomness().purchase_id(), creates=creates)
    with pytest.raises(CheckoutUnresolved):
        await world.check_out(as_class_rep=True)
    (purchase,) = world.rows

    await drive(world)
    while_it_may_yet_be = world.row(purchase).status
    await drive(world)

    assert while_it_may_yet_be is (Status.CLOSED if creates else Status.CLOSING)
    assert world.row(purchase).status is Status.CLOSED
    assert world.held() == frozenset()
    assert [session.url for session in world.sessions] == [None] * creates


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([a_refund(state=RefundState.DONE)], Status.REFUNDED),
        ([a_refund(state=RefundState.FAILED)], Status.COMPLETED),
        ([a_refund(amount=3_000, state=RefundState.DONE)], Status.COMPLETED),
        ([], Status.COMPLETED),
    ],
)
async def test_what_is_refunding_without_an_open_row_is_decided_by_its_rows(
    rows: list[Refund], status: Status
) -> None:
    """No step of ours leaves it so; a hand or a restored backup may."""
    world = World()
    left = a_purchase(Status.REFUNDING, as_class_rep=True, refunds=tuple(rows))
    world.store.rows[left.id] = left
    world.programs.holders[left.program.id] = frozenset({left.id})

    assert await drive(world, after=9 * MINUTE) == 0
    assert await drive(world, after=2 * MINUTE) == 1

    assert world.row(left).status is status
    assert bool(world.held()) is (status is Status.COMPLETED)
    assert world.payments.calls.total() == 0


async def test_what_is_refunding_with_an_open_row_goes_on() -> None:
    world = World()
    bought = await world.bought()
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(bought)
    (report,) = world.refunds.refunds.values()
    await drive(world, after=11 * MINUTE)
    waiting = world.row(bought).status
    world.refunds.settle(report.id, RefundStatus.SUCCEEDED)

    await drive(world, after=11 * MINUTE)

    assert waiting is Status.REFUNDING
    assert world.row(bought).status is Status.REFUNDED


async def test_what_is_young_is_left_to_its_own_request() -> None:
    world = World()
    purchase = await crashed(world, "after payments.create_session")

    assert await drive(world, after=MINUTE) == 0
    assert world.row(purchase).status is Status.RESERVED


async def test_a_payment_is_found_without_any_webhook() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.pay(session_of(answer.purchase))

    await drive(world, after=6 * MINUTE)

    assert world.row(answer.purchase).status is Status.COMPLETED
    assert world.held() == {answer.purchase.id}
    assert await world.deliver_mail() == 1


async def test_an_expiry_is_found_without_any_webhook() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)

    await drive(world, after=HOLD)

    assert world.row(answer.purchase).closed_reason is ClosedReason.EXPIRED
    assert world.held() == frozenset()


async def test_our_clock_expires_nothing() -> None:
    """It runs an hour ahead; the provider still takes the money."""
    world = World()
    answer = await world.check_out()
    world.payments.clock = ManualClock(world.clock.at)

    await drive(world, after=2 * HOLD)

    assert world.row(answer.purchase).status is Status.PENDING


async def test_a_pending_purchase_is_looked_at_once_in_five_minutes() -> None:
    world = World(randomness=OnTheDot())
    await world.check_out()

    looks = [await drive(world, after=MINUTE) for _ in range(11)]

    assert looks == [0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]


async def test_a_delayed_payment_is_waited_for_and_then_taken() -> None:
    world = World()
    answer = await world.check_out()
    session = world.payments.pay_later(session_of(answer.purchase))

    await drive(world, after=6 * MINUTE)
    assert world.row(answer.purchase).is_processing
    world.payments.clear_delayed(session.id)
    await drive(world, after=6 * MINUTE)

    assert world.row(answer.purchase).status is Status.COMPLETED


async def test_a_closing_that_was_cut_off_is_finished_for_its_own_reason() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.lose_request("expire_session")
    assert (await world.cancel(answer.purchase)).status is Status.CLOSING

    await drive(world)

    assert world.is_cancelled(answer.purchase)


async def test_a_free_purchase_left_behind_is_completed() -> None:
    world = World()
    world.offer(a_program(full_price=usd(2_000), class_rep_discount=usd(0)))
    world.gate.once("after purchases.add", die)
    with pytest.raises(Crash):
        await world.check_out()

    await drive(world)

    (purchase,) = world.rows
    assert purchase.status is Status.COMPLETED
    assert world.sessions == []
    assert await world.deliver_mail() == 1


async def test_a_terminal_purchase_gives_its_spot_back_and_does_nothing_else() -> None:
    world = World()
    over = a_purchase(Status.CLOSED, as_class_rep=True)
    world.store.put(over)
    await world.programs.reserve_spot(over.program.id, over.id, limit=10)

    assert await world.service.drive()(over) == over

    assert world.held() == frozenset()


async def test_two_instances_drive_a_purchase_once() -> None:
    world = World()
    await crashed(world, "after payments.create_session")
    world.advance(3 * MINUTE)
    instances = [world.instance(), world.instance(worker="two")]

    driven = await asyncio.gather(*(each.drive_purchases()() for each in instances))

    assert sum(driven) == 1


async def test_one_poison_purchase_stops_no_other_and_is_told_once() -> None:
    world = World(randomness=OnTheDot())
    poison = (await world.check_out()).purchase
    paid = world.payments.pay(session_of(poison))
    world.payments.plant(replace(paid, livemode=True))
    world.advance(timedelta(seconds=1))
    other = (await world.check_out(GRACE)).purchase
    world.payments.pay(session_of(other))

    driven = [await drive(world, after=5 * MINUTE) for _ in range(8)]

    assert driven == [2, 1, 0, 1, 0, 0, 0, 1]  # ever less
    assert world.alerts.codes == ["purchase_stuck"]
    assert world.row(poison).status is Status.PENDING
    assert world.row(other).status is Status.COMPLETED


async def test_a_silent_provider_is_nobodys_fault() -> None:
    world = World()
    answer = await world.check_out()
    world.payments.lose_request("get_session")

    await drive(world, after=6 * MINUTE)

    assert world.alerts.codes == []
    assert world.store.drive_failures.total() == 0
    assert world.row(answer.purchase).status is Status.PENDING


async def test_a_round_ends_in_time_and_leaves_the_rest_to_the_next() -> None:
    world = World()
    for name in ("one", "two"):
        await crash_of_somebody(world, name)

    async def be_slow() -> None:
        world.advance(MINUTE)

    world.gate.once("before payments.create_session", be_slow)

    assert await drive(world) == 1
    assert await drive(world) == 1


async def test_what_died_keeps_nobody_from_having_paid() -> None:
    """More was left behind than a round has time for."""
    world = World()
    paid = (await world.check_out()).purchase
    world.payments.pay(session_of(paid))
    for name in ("one", "two", "three"):
        await crash_of_somebody(world, name)

    async def be_slow() -> None:
        world.advance(MINUTE / 2)

    for _ in range(3):
        world.gate.once("before payments.create_session", be_slow)

    assert await drive(world, after=6 * MINUTE) == 3
    assert world.row(paid).status is Status.COMPLETED


async def test_what_stays_as_it_is_waits_behind_the_others() -> None:
    """More pages are open than one round looks at; the youngest has paid."""
    world = World()
    for n in range(BATCH):
        await world.check_out(named(f"buyer-{n}"))
    world.advance(MINUTE)
    last = (await world.check_out()).purchase
    world.payments.pay(session_of(last))

    assert await drive(world, after=6 * MINUTE) == BATCH
    assert await drive(world, after=6 * MINUTE) == BATCH

    assert world.row(last).status is Status.COMPLETED


async def test_a_silent_database_ends_the_round() -> None:
    world = World()
    world.gate.fail_once("before purchases.stuck", StorageUnavailable())

    with pytest.raises(StorageUnavailable):
        await drive(world)


async def test_a_purchase_that_moved_on_is_not_driven() -> None:
    world = World()
    purchase = await crashed(world, "after payments.create_session")
    stale = StuckPurchase(id=purchase.id, status=Status.RESERVED)
    await world.check_out(as_class_rep=True)

    at = world.clock.now()
    assert not await world.purchases.claim_drive(stale, at=at, until=at)


def named(name: str) -> Buyer:
    return Buyer(id=BuyerId(name), email=f"{name}@example.org", name=name)


async def crash_of_somebody(world: World, name: str) -> None:
    world.gate.fail_once("before payments.create_session", StorageUnavailable())
    with pytest.raises(CheckoutUnresolved):
        await world.check_out(named(name))


class OnTheDot(SeededRandomness):
    """Waits as long as it may each time."""

    def jitter(self) -> float:
        return 1.0
