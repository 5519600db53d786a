"""Buyers, events and workers all at once: with a lock, with none, with a liar.

Each race has a control in which the guard that decides it is taken away; there it must
end badly, or it was no race.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from application.start_checkout import CheckoutAnswer
from domain.class_rep import SpotsExhausted
from domain.ids import BuyerId
from domain.purchase import Buyer, CannotCancel, Purchase, Status
from entrypoints.simulation.outside.programs import InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import InMemoryPurchaseRepository
from tests.application.world import LOCKS, World, lock_named, session_of
from tests.examples import GRACE, a_program
from tests.fakes.careless import (
    OutboxWithoutLeases,
    ProgramsThatCheckThenPush,
    ProgramsThatCountDown,
    PurchasesThatForgetTheirSources,
    PurchasesWithoutAnIndex,
)
from tests.fakes.locks import NoLock

locks = pytest.mark.parametrize("lock", LOCKS)


@dataclass
class Finish:
    """How the racers came in."""

    answers: list[CheckoutAnswer] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)


async def all_at_once(racers: Sequence[Coroutine[Any, Any, Any]]) -> Finish:
    finish = Finish()
    for outcome in await asyncio.gather(*racers, return_exceptions=True):
        if isinstance(outcome, BaseException):
            finish.refusals[type(outcome).__name__] += 1
        elif isinstance(outcome, CheckoutAnswer):
            finish.answers.append(outcome)
    return finish


def buyers(count: int) -> list[Buyer]:
    return [
        Buyer(id=BuyerId(f"ada-{n}"), email=f"{n}@example.org", name="Ada")
        for n in range(count)
    ]


# --- The last spots ---


async def race_for_spots(world: World) -> Finish:
    world.offer(a_program(class_rep_limit=10))
    return await all_at_once(
        [world.check_out(buyer, as_class_rep=True) for buyer in buyers(100)]
    )


@locks
async def test_a_hundred_buyers_get_ten_spots_and_ten_sessions(lock: str) -> None:
    world = World(lock=lock_named(lock))

    finish = await race_for_spots(world)

    assert len(finish.answers) == 10
    assert finish.refusals == {SpotsExhausted.__name__: 90}
    assert world.held() == {answer.purchase.id for answer in finish.answers}
    assert world.sessions_created == 10
    assert len(world.live) == 10


async def test_buyers_of_a_check_that_is_not_atomic_get_more_than_there_are() -> None:
    world = World(programs=ProgramsThatCheckThenPush())

    await race_for_spots(world)

    assert len(world.held()) > 10


# --- One buyer, many clicks ---


async def click(world: World, times: int, *, as_class_rep: bool = True) -> Finish:
    return await all_at_once(
        [world.check_out(as_class_rep=as_class_rep) for _ in range(times)]
    )


@locks
@pytest.mark.parametrize("as_class_rep", [False, True])
async def test_a_hundred_clicks_of_one_buyer_buy_once(
    lock: str, *, as_class_rep: bool
) -> None:
    world = World(lock=lock_named(lock))

    finish = await click(world, 100, as_class_rep=as_class_rep)

    (purchase,) = world.rows
    assert {answer.purchase.id for answer in finish.answers} == {purchase.id}
    assert {answer.purchase.pay_url for answer in finish.answers} == {purchase.pay_url}
    assert sum(not answer.existing for answer in finish.answers) == 1
    assert len(finish.answers) == 100
    assert world.sessions_created == 1
    assert world.held() == ({purchase.id} if as_class_rep else set())


@pytest.mark.parametrize("lock", ["no lock", "a lock that lies"])
async def test_clicks_without_an_index_buy_twice(lock: str) -> None:
    world = World(lock=lock_named(lock), purchases=PurchasesWithoutAnIndex())

    await click(world, 100)

    assert len(world.live) > 1
    assert world.sessions_created > 1


@locks
async def test_two_instances_sell_one_purchase(lock: str) -> None:
    world = World(lock=lock_named(lock))
    instances = [world.instance(lock=lock_named(lock)) for _ in range(2)]

    finish = await all_at_once(
        [world.check_out(service=instances[n % 2]) for n in range(100)]
    )

    assert len({answer.purchase.id for answer in finish.answers}) == 1
    assert (len(world.live), world.sessions_created) == (1, 1)


@locks
async def test_changing_ones_mind_back_and_forth_leaves_one_open_page(
    lock: str,
) -> None:
    world = World(lock=lock_named(lock))
    world.offer(a_program(class_rep_limit=1))

    await all_at_once([world.check_out(as_class_rep=n % 2 == 0) for n in range(40)])

    assert len(world.live) <= 1
    pages = [session for session in world.sessions if session.url is not None]
    assert len(pages) <= 1
    assert {page.purchase_id for page in pages} <= {row.id for row in world.live}
    assert world.held() <= {row.id for row in world.live if row.is_class_rep}


# --- One event, many copies ---


async def deliver_copies(world: World, copies: int) -> Finish:
    answer = await world.check_out(as_class_rep=True)
    paid = world.payments.pay(session_of(answer.purchase))
    event = world.event(paid)
    receive = world.service.receive_event()
    return await all_at_once([receive(event) for _ in range(copies)])


@locks
async def test_a_hundred_copies_of_one_event_complete_once_and_owe_one_mail(
    lock: str,
) -> None:
    world = World(lock=lock_named(lock))

    finish = await deliver_copies(world, 100)
    await all_at_once(
        [world.instance(worker=f"w{n}").deliver_mail()() for n in range(5)]
    )

    (purchase,) = world.rows
    assert not finish.refusals
    assert world.history(purchase).count(Status.COMPLETED) == 1
    assert (world.bell.rung, len(world.mailer.letters)) == (1, 1)
    assert (purchase.extra_payments, world.alerts.sent) == ((), [])


async def test_copies_of_an_event_that_is_written_blindly_complete_more_than_once() -> (
    None
):
    world = World(lock=NoLock(), purchases=PurchasesThatForgetTheirSources())

    await deliver_copies(world, 100)

    (purchase,) = world.rows
    assert world.history(purchase).count(Status.COMPLETED) > 1


async def test_workers_without_a_lease_send_a_mail_more_than_once() -> None:
    world = World()
    world.outbox = OutboxWithoutLeases(store=world.store, gate=world.gate)
    await world.bought()

    await all_at_once(
        [world.instance(worker=f"w{n}").deliver_mail()() for n in range(5)]
    )

    assert len(world.mailer.letters) > 1


# --- Cancels, and a cancel against a payment ---


async def cancel_fifty_times(world: World) -> Finish:
    await world.check_out(GRACE, as_class_rep=True)
    answer = await world.check_out(as_class_rep=True)
    return await all_at_once([world.cancel(answer.purchase) for _ in range(50)])


@locks
async def test_fifty_cancels_free_one_spot_and_never_another(lock: str) -> None:
    world = World(lock=lock_named(lock))

    finish = await cancel_fifty_times(world)

    assert not finish.refusals
    assert sum(row.status is Status.CLOSED for row in world.rows) == 1
    (graces,) = world.live
    assert world.held() == {graces.id}


async def test_cancels_that_count_down_free_the_spot_of_somebody_else() -> None:
    world = World(programs=ProgramsThatCountDown())

    await cancel_fifty_times(world)

    assert len(world.live) == 1
    assert not world.held()


async def cancel_against_pay(world: World, head_start: int) -> tuple[Purchase, Finish]:
    """Cancel, and after so many steps pay, if the page can still be paid."""
    answer = await world.check_out(as_class_rep=True)

    async def pay() -> None:
        for _ in range(head_start):
            await asyncio.sleep(0)
        if world.session(answer.purchase).url is not None:
            await world.tell(world.payments.pay(session_of(answer.purchase)))

    finish = await all_at_once([world.cancel(answer.purchase), pay()])
    return world.row(answer.purchase), finish


@locks
@pytest.mark.parametrize("head_start", range(12))
async def test_of_a_cancel_and_a_payment_one_wins_and_the_other_knows(
    lock: str, head_start: int
) -> None:
    world = World(lock=lock_named(lock))

    row, finish = await cancel_against_pay(world, head_start)

    is_paid = world.session(row).is_paid
    assert row.status is (Status.COMPLETED if is_paid else Status.CLOSED)
    assert finish.refusals == ({CannotCancel.__name__: 1} if is_paid else {})
    assert world.held() == ({row.id} if is_paid else set())
    assert row.extra_payments == ()


async def test_both_ends_of_that_race_are_seen() -> None:
    rows = [(await cancel_against_pay(World(), start))[0] for start in range(12)]

    assert {row.status for row in rows} == {Status.COMPLETED, Status.CLOSED}


async def test_a_cancel_that_is_written_blindly_keeps_the_money_of_a_payment() -> None:
    world = World(purchases=PurchasesThatForgetTheirSources())
    answer = await world.check_out(as_class_rep=True)

    async def pay() -> None:
        await world.tell(world.payments.pay(session_of(answer.purchase)))

    world.gate.once("before payments.expire_session", pay)
    await all_at_once([world.cancel(answer.purchase)])

    history = world.history(answer.purchase)
    assert history.count(Status.COMPLETED) > 1


def test_the_careful_repositories_are_the_defaults() -> None:
    world = World()

    assert type(world.purchases) is InMemoryPurchaseRepository
    assert type(world.programs) is InMemoryProgramRepository
