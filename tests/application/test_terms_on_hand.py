"""Terms may be old when a purchase is begun, and are right when anything is asked.

The other instance is where an admin changes them: ours does not hear of it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from application.act_on_program import ProgramAct, ProgramActCommand
from application.ports.programs import ProgramNotFound
from application.ports.storage import StorageUnavailable
from application.programs_on_hand import KEPT_FOR
from application.start_checkout import CheckoutUnresolved
from domain.class_rep import SpotsExhausted
from domain.program import Program, ProgramIsFree, SalesPaused
from domain.purchase import AlreadyPurchased, ClosedReason, Status
from domain.quote import BelowMinimumCharge
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import World, session_of
from tests.examples import ADA, CHOIR, GRACE, a_program, usd
from tests.fakes.locks import NoLock

BOTH = pytest.mark.parametrize("as_class_rep", [False, True])
DEARER = usd(50_000)


async def knowing(**terms: Any) -> World:
    """Return a world whose service has the terms of the choir on hand."""
    world = World()
    world.offer(a_program(**terms))
    await world.service.programs_on_hand().read(CHOIR)
    world.gate.forget()
    return world


def spent(world: World) -> tuple[int, int]:
    asked = sum(n for call, n in world.gate.calls.items() if "payments." in call)
    return world.gate.calls.total() - asked, asked


@BOTH
async def test_a_buyer_pays_the_price_of_now_and_not_the_one_on_hand(
    *, as_class_rep: bool
) -> None:
    world = await knowing()
    world.offer(a_program(full_price=DEARER))

    answer = await world.check_out(as_class_rep=as_class_rep)

    old, new = world.rows
    assert (old.status, old.closed_reason) == (Status.CLOSED, ClosedReason.REPLACED)
    assert new == answer.purchase
    assert new.quote.full_price == DEARER
    assert new.quote.program_revision == 3
    assert not answer.existing
    assert world.held() == ({new.id} if as_class_rep else frozenset())
    assert world.payments.sessions_of(old.id) == [] or all(
        page.url is None for page in world.payments.sessions_of(old.id)
    )


@BOTH
async def test_nobody_is_asked_outside_about_a_price_that_changed(
    *, as_class_rep: bool
) -> None:
    """A plain purchase might be known there, so it is closed there."""
    world = await knowing()
    world.offer(a_program(full_price=DEARER))

    await world.check_out(as_class_rep=as_class_rep)

    old, _new = world.rows
    assert len(world.payments.sessions_of(old.id)) == (0 if as_class_rep else 1)


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        {"title": "Opera"},
        {"class_rep_limit": 3},
        {"early_bird_deadline": NOON + timedelta(days=5)},
    ],
)
async def test_a_change_that_leaves_the_price_alone_disturbs_nobody(
    *, as_class_rep: bool, change: dict[str, Any]
) -> None:
    world = await knowing()
    world.offer(a_program(**change))

    answer = await world.check_out(as_class_rep=as_class_rep)

    assert list(world.rows) == [answer.purchase]
    assert answer.purchase.quote.program_revision == 2
    assert world.sessions_created == 1
    assert world.held() == ({answer.purchase.id} if as_class_rep else frozenset())


def retired(program: Program) -> Program:
    return replace(program, is_active=False)


def paused(program: Program) -> Program:
    return replace(program, is_paused=True)


def given_away(program: Program) -> Program:
    free = replace(
        program.terms,
        full_price=usd(0),
        class_rep_discount=usd(0),
        early_bird_discount=usd(0),
        is_free=True,
    )
    return replace(program, terms=free)


def nearly_given_away(program: Program) -> Program:
    cheap = replace(
        program.terms,
        full_price=usd(10),
        class_rep_discount=usd(0),
        early_bird_discount=usd(0),
    )
    return replace(program, terms=cheap)


@BOTH
@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (retired, ProgramNotFound),
        (paused, SalesPaused),
        (given_away, ProgramIsFree),
        (nearly_given_away, BelowMinimumCharge),
    ],
)
async def test_what_is_no_longer_for_sale_is_not_sold_by_terms_on_hand(
    *,
    as_class_rep: bool,
    change: Callable[[Program], Program],
    refusal: type[Exception],
) -> None:
    world = await knowing()
    world.offer(change(a_program()))

    with pytest.raises(refusal):
        await world.check_out(as_class_rep=as_class_rep)

    (tried,) = world.rows
    assert tried.status is Status.CLOSED
    assert world.held() == frozenset()
    assert all(page.url is None for page in world.sessions)
    assert tried.pay_url is None


@BOTH
@pytest.mark.parametrize("change", [retired, paused, given_away, nearly_given_away])
async def test_a_refusal_on_hand_is_looked_at_again(
    *, as_class_rep: bool, change: Callable[[Program], Program]
) -> None:
    world = World()
    world.offer(change(a_program()))
    await world.service.programs_on_hand().read(CHOIR)
    world.offer(a_program())

    answer = await world.check_out(as_class_rep=as_class_rep)

    assert answer.purchase.pay_url is not None
    assert len(world.rows) == 1


async def test_a_place_for_nothing_is_offered_on_terms_just_read() -> None:
    world = await knowing(early_bird_discount=usd(10_000))
    world.offer(a_program())

    answer = await world.check_out()

    assert len(world.rows) == 1
    assert answer.purchase.pay_url is not None


@pytest.mark.parametrize("stale", [0, 1, 5])
async def test_a_limit_on_hand_sells_no_spot_beyond_the_one_of_now(stale: int) -> None:
    world = await knowing(class_rep_limit=stale)
    world.offer(a_program(class_rep_limit=1))

    await world.check_out(GRACE, as_class_rep=True)
    await world.service.programs_on_hand().read(CHOIR)
    with pytest.raises(SpotsExhausted):
        await world.check_out(ADA, as_class_rep=True)

    assert len(world.held()) == 1


async def test_a_spot_given_back_elsewhere_is_seen_before_a_choice_is_refused() -> None:
    world = World()
    world.offer(a_program(class_rep_limit=1))
    taken = await world.check_out(GRACE, as_class_rep=True)
    await world.check_out(ADA)
    await world.service.programs_on_hand().read(CHOIR)
    await world.instance().cancel_purchase()(GRACE.id, taken.purchase.id)

    answer = await world.check_out(ADA, as_class_rep=True)

    assert world.held() == {answer.purchase.id}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [(retired, ProgramNotFound), (paused, SalesPaused), (given_away, ProgramIsFree)],
)
async def test_an_open_page_is_kept_when_the_other_choice_is_gone(
    change: Callable[[Program], Program], refusal: type[Exception]
) -> None:
    world = World()
    open_page = await world.check_out()
    world.offer(change(a_program()))

    with pytest.raises(refusal):
        await world.check_out(as_class_rep=True)

    assert world.row(open_page.purchase).pay_url == open_page.purchase.pay_url


@BOTH
async def test_terms_that_never_stand_still_are_not_sold(*, as_class_rep: bool) -> None:
    world = await knowing()
    prices = iter(range(20_000, 40_000, 1_000))

    async def move() -> None:
        world.offer(a_program(full_price=usd(next(prices))))
        world.gate.once("after purchases.add", move)
        world.service.programs_on_hand().forget_all()

    await move()
    if as_class_rep:
        with pytest.raises(CheckoutUnresolved):
            await world.check_out(as_class_rep=True)
        assert world.held() == frozenset()
        assert [row.status for row in world.rows] == [Status.CLOSED] * 2
    else:  # read in this request, which is as it was before there were terms on hand
        assert (await world.check_out()).purchase.pay_url is not None


async def test_a_revision_that_moves_at_every_look_is_given_up() -> None:
    world = await knowing()

    async def move() -> None:
        world.offer(world.programs.stored[CHOIR])
        world.gate.once("before programs.reserve_spot", move)

    await move()
    with pytest.raises(CheckoutUnresolved) as refusal:
        await world.check_out(as_class_rep=True)

    (purchase,) = world.rows
    assert refusal.value.purchase_id == purchase.id
    assert (purchase.status, world.held()) == (Status.CREATING, frozenset())
    assert world.gate.calls["programs.reserve_spot"] == 3


@BOTH
async def test_the_next_request_goes_on_when_the_look_was_lost(
    *, as_class_rep: bool
) -> None:
    """What was begun keeps its price, which was asked half a minute before at most."""
    world = await knowing()
    world.offer(a_program(full_price=DEARER))
    world.gate.fail_once("before programs.get", StorageUnavailable())
    with pytest.raises(CheckoutUnresolved) as refusal:
        await world.check_out(as_class_rep=as_class_rep)

    answer = await world.check_out(as_class_rep=as_class_rep)

    assert refusal.value.purchase_id == answer.purchase.id
    assert answer.existing
    assert answer.purchase.quote.full_price == usd(10_000)
    assert list(world.rows) == [answer.purchase]


async def test_a_second_click_of_a_price_that_changed_meets_one_page() -> None:
    world = await knowing()
    world.offer(a_program(full_price=DEARER))
    other = world.instance(lock=NoLock())

    async def click() -> None:
        await world.check_out(service=other)

    world.gate.once("before programs.get", click)  # of the first, once it is stored
    answer = await world.check_out()

    assert [row for row in world.rows if row.pay_url] == [world.row(answer.purchase)]
    assert len([page for page in world.sessions if page.url is not None]) == 1


async def test_a_purchase_paid_while_its_terms_are_read_is_kept() -> None:
    world = await knowing()
    world.offer(a_program(full_price=DEARER))

    async def click_and_pay() -> None:
        first = await world.check_out(service=world.instance(lock=NoLock()))
        await world.tell(world.payments.pay(session_of(first.purchase)))

    world.gate.once("before programs.get", click_and_pay)
    with pytest.raises(AlreadyPurchased):
        await world.check_out()

    (bought,) = world.rows
    assert bought.status is Status.COMPLETED


@pytest.mark.parametrize("act", [ProgramAct.RETIRE, ProgramAct.PAUSE_SALES])
async def test_an_admin_of_this_process_is_heard_at_once(act: ProgramAct) -> None:
    world = await knowing()
    command = ProgramActCommand(act=act, program_id=CHOIR, by="root", reason="r")
    await world.service.act_on_program()(command)

    with pytest.raises((ProgramNotFound, SalesPaused)):
        await world.check_out()

    assert not world.rows


async def test_a_change_of_unknown_outcome_is_looked_at() -> None:
    world = await knowing()
    world.gate.fail_once("after programs.change", StorageUnavailable())
    command = ProgramActCommand(
        act=ProgramAct.RETIRE, program_id=CHOIR, by="root", reason="r"
    )
    with pytest.raises(StorageUnavailable):
        await world.service.act_on_program()(command)

    assert world.service.programs_on_hand().find(CHOIR) is None


@BOTH
async def test_terms_on_hand_save_a_look(*, as_class_rep: bool) -> None:
    world = World()
    await world.check_out(GRACE)
    assert world.gate.calls["programs.get"] == 1
    world.gate.forget()

    await world.check_out(as_class_rep=as_class_rep)

    looks = 0 if as_class_rep else 1  # which comes after the insert, and verifies
    assert world.gate.calls["programs.get"] == looks


async def test_terms_are_looked_at_again_after_half_a_minute() -> None:
    world = await knowing()
    world.offer(a_program(full_price=DEARER))
    world.advance(KEPT_FOR)

    answer = await world.check_out(as_class_rep=True)

    assert list(world.rows) == [answer.purchase]
