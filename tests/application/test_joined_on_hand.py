"""What others began by terms on hand is verified before a page of it is opened.

The other instance is where an admin retires a program, or pauses its sales: ours does
not hear of it, and begins a purchase after the act.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from application.ports.programs import ProgramNotFound
from application.ports.storage import StorageUnavailable
from application.programs_on_hand import KEPT_FOR
from application.start_checkout import CheckoutUnresolved
from domain.program import Program, SalesPaused
from domain.purchase import Status
from tests.application.world import World
from tests.examples import CHOIR, COOL_DOWN, a_program, usd
from tests.fakes.locks import NoLock

BOTH = pytest.mark.parametrize("as_class_rep", [False, True])


def retired(program: Program) -> Program:
    return replace(program, is_active=False)


def paused(program: Program) -> Program:
    return replace(program, is_paused=True)


ACTS = pytest.mark.parametrize(
    ("act", "refusal"), [(retired, ProgramNotFound), (paused, SalesPaused)]
)


async def knowing() -> World:
    """Return a world whose service has the terms of the choir on hand."""
    world = World()
    await world.service.programs_on_hand().read(CHOIR)
    return world


async def cut_off(world: World, *, as_class_rep: bool) -> None:
    """Begin by terms on hand, and fail before they are verified."""
    verifying = "programs.reserve_spot" if as_class_rep else "programs.get"
    world.gate.fail_once(f"before {verifying}", StorageUnavailable())
    with pytest.raises(CheckoutUnresolved):
        await world.check_out(as_class_rep=as_class_rep)
    (begun,) = world.rows
    assert begun.status in {Status.CREATING, Status.RESERVED}


def assert_nothing_is_sold(world: World) -> None:
    (tried,) = world.rows
    assert (tried.status, tried.pay_url) == (Status.CLOSED, None)
    assert all(page.url is None for page in world.sessions)
    assert world.held() == frozenset()


@BOTH
@ACTS
async def test_what_was_begun_after_the_act_is_not_opened_by_the_next_request(
    *,
    as_class_rep: bool,
    act: Callable[[Program], Program],
    refusal: type[Exception],
) -> None:
    world = await knowing()
    world.offer(act(a_program()))
    await cut_off(world, as_class_rep=as_class_rep)

    with pytest.raises(refusal):
        await world.check_out(as_class_rep=as_class_rep)

    assert_nothing_is_sold(world)


@BOTH
async def test_nor_is_it_opened_once_the_pause_is_heard_of(
    *, as_class_rep: bool
) -> None:
    world = await knowing()
    world.offer(paused(a_program()))
    await cut_off(world, as_class_rep=as_class_rep)
    world.advance(KEPT_FOR)

    with pytest.raises(SalesPaused):
        await world.check_out(as_class_rep=as_class_rep)

    assert_nothing_is_sold(world)


@BOTH
@ACTS
async def test_a_second_click_elsewhere_does_not_open_what_the_first_one_began(
    *,
    as_class_rep: bool,
    act: Callable[[Program], Program],
    refusal: type[Exception],
) -> None:
    world = await knowing()
    other = world.instance(lock=NoLock())
    await other.programs_on_hand().read(CHOIR)
    world.offer(act(a_program()))
    answers: list[Exception] = []

    async def click() -> None:
        with pytest.raises(refusal) as answer:
            await world.check_out(as_class_rep=as_class_rep, service=other)
        answers.append(answer.value)

    verifying = "programs.reserve_spot" if as_class_rep else "programs.get"
    world.gate.once(f"before {verifying}", click)  # of the first, once it is stored
    with pytest.raises(refusal):
        await world.check_out(as_class_rep=as_class_rep)

    assert len(answers) == 1
    assert_nothing_is_sold(world)


@BOTH
async def test_a_second_click_elsewhere_keeps_the_price_of_the_first(
    *, as_class_rep: bool
) -> None:
    """What was begun keeps its price (invariant I15), whatever is asked by now."""
    world = await knowing()
    other = world.instance()
    await other.programs_on_hand().read(CHOIR)
    world.offer(a_program(full_price=usd(50_000)))
    await cut_off(world, as_class_rep=as_class_rep)

    answer = await world.check_out(as_class_rep=as_class_rep, service=other)

    assert answer.existing
    assert answer.purchase.quote.full_price == usd(10_000)
    assert list(world.rows) == [answer.purchase]
    assert answer.purchase.pay_url is not None


async def test_a_program_that_changes_while_a_spot_is_taken_is_read_again() -> None:
    """The filter of the spot has the revision that was read, and knows no pause."""
    world = await knowing()
    await cut_off(world, as_class_rep=True)

    async def pause() -> None:
        world.offer(paused(a_program()))

    world.gate.once("before programs.reserve_spot", pause)
    with pytest.raises(SalesPaused):
        await world.check_out(as_class_rep=True)

    assert_nothing_is_sold(world)


@pytest.mark.parametrize(
    ("act", "refusal"),
    [(None, None), (retired, ProgramNotFound), (paused, SalesPaused)],
)
async def test_who_is_to_wait_goes_on_with_what_is_for_sale(
    act: Callable[[Program], Program] | None, refusal: type[Exception] | None
) -> None:
    """At an instance that is stricter than the one that let it begin."""
    world = await knowing()
    await world.cancel((await world.check_out(as_class_rep=True)).purchase)
    world.gate.fail_once("before programs.reserve_spot", StorageUnavailable())
    with pytest.raises(CheckoutUnresolved) as cut:
        await world.check_out(as_class_rep=True)
    world.cool_down = replace(COOL_DOWN, after=1)
    stricter = world.instance()
    await stricter.programs_on_hand().read(CHOIR)

    if act is None or refusal is None:
        answer = await world.check_out(as_class_rep=True, service=stricter)
        assert answer.purchase.id == cut.value.purchase_id
        return
    world.offer(act(a_program()))
    with pytest.raises(refusal):
        await world.check_out(as_class_rep=True, service=stricter)
    assert {row.status for row in world.rows} == {Status.CLOSED}
    assert world.held() == frozenset()
