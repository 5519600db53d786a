"""Admins change programs, and pause their sales, while buyers buy."""

from dataclasses import replace
from typing import Any

import pytest

from application.act_on_program import ProgramAct, ProgramActCommand
from application.alter_program import TRIES_MAX, ProgramChanged
from application.change_program import ChangeProgramCommand
from application.ports.programs import ProgramNotFound
from application.ports.storage import StorageUnavailable
from application.start_checkout import CheckoutUnresolved, PaymentUnderWay
from application.terms import TermsRefused
from application.view_spots import SpotKind
from domain.class_rep import LimitBelowUse
from domain.ids import ProgramId, PurchaseId
from domain.program import Program, SalesPaused
from domain.program_changes import ProgramChanges
from domain.purchase import AlreadyPurchased, Status
from tests.application.world import World, session_of
from tests.examples import ADA, CHOIR, GRACE, HOLD
from tests.fakes.turnstile import Crash

WHY = "the hall is smaller"


async def change(
    world: World,
    *,
    drain: bool = False,
    revision: int | None = None,
    program_id: ProgramId = CHOIR,
    **changes: Any,
) -> Program:
    command = ChangeProgramCommand(
        program_id=program_id,
        changes=ProgramChanges(**changes),
        by="admin root",
        reason=WHY,
        drain=drain,
        revision=revision,
    )
    return await world.service.change_program()(command)


async def act(world: World, what: ProgramAct) -> Program:
    command = ProgramActCommand(act=what, program_id=CHOIR, by="admin root", reason=WHY)
    return await world.service.act_on_program()(command)


async def test_a_change_is_noted_before_it_is_made() -> None:
    world = World()

    async def die() -> None:
        raise Crash

    world.gate.once("after audit.note", die)
    with pytest.raises(Crash):
        await change(world, title="Opera", class_rep_limit=0)

    (entry,) = world.audit.entries
    assert (entry.by, entry.why) == ("admin root", WHY)
    assert (entry.what, entry.subject) == ("change_program", "program/choir")
    assert entry.before == {"title": "Choir", "classRepLimit": 10}
    assert entry.after == {"title": "Opera", "classRepLimit": 0}
    assert (await world.programs.get(CHOIR)).title == "Choir"


async def test_who_has_begun_to_pay_pays_what_was_quoted() -> None:
    world = World()
    begun = (await world.check_out()).purchase

    await change(world, full_price=50_000)
    await world.tell(world.payments.pay(session_of(begun)))

    row = world.row(begun)
    assert (row.status, row.quote.total.amount) == (Status.COMPLETED, 8_000)
    assert (await world.check_out(GRACE)).purchase.quote.total.amount == 48_000


async def test_a_lower_limit_is_refused_with_the_figures_or_drains() -> None:
    world = World()
    for buyer in (ADA, GRACE):
        await world.check_out(buyer, as_class_rep=True)

    with pytest.raises(LimitBelowUse) as refusal:
        await change(world, class_rep_limit=1)
    assert (refusal.value.limit, refusal.value.taken) == (1, 2)
    assert world.audit.entries == []

    await change(world, class_rep_limit=1, drain=True)

    overview = await world.service.view_programs_as_admin().one(CHOIR)
    assert len(world.held()) == 2
    assert (overview.spots.held, overview.spots.free, overview.spots.over) == (2, 0, 1)


async def test_a_buyer_who_is_faster_turns_the_change_into_a_refusal() -> None:
    world = World()
    await world.check_out(ADA, as_class_rep=True)

    async def buy() -> None:
        await world.check_out(GRACE, as_class_rep=True)

    world.gate.once("before programs.change", buy)
    with pytest.raises(LimitBelowUse) as refusal:
        await change(world, class_rep_limit=1)

    assert refusal.value.taken == 2
    assert (await world.programs.get(CHOIR)).terms.class_rep_limit == 10


async def test_an_admin_who_looked_at_another_revision_looks_again() -> None:
    world = World()
    await change(world, title="Opera", revision=1)

    with pytest.raises(ProgramChanged) as refusal:
        await change(world, title="Ballet", revision=1)

    assert refusal.value.revision == 2
    assert (await change(world, title="Ballet", revision=2)).revision == 3


async def test_without_a_revision_a_change_is_made_to_what_is_there() -> None:
    world = World()

    async def meanwhile() -> None:
        await change(world, full_price=50_000)

    world.gate.once("before programs.change", meanwhile)
    await change(world, title="Opera")

    program = await world.programs.get(CHOIR)
    assert (program.title, program.terms.full_price.amount) == ("Opera", 50_000)
    assert program.revision == 3


async def test_a_program_that_never_stands_still_is_left_alone() -> None:
    world = World()

    async def move() -> None:
        program = world.programs.stored[CHOIR]
        world.offer(replace(program, revision=program.revision + 1))

    for _ in range(TRIES_MAX):
        world.gate.once("before programs.change", move)
    with pytest.raises(StorageUnavailable):
        await change(world, title="Opera")


async def test_what_would_not_differ_is_neither_noted_nor_written() -> None:
    world = World()

    assert (await change(world, title="Choir")).revision == 1
    await act(world, ProgramAct.RESTORE)

    assert world.audit.entries == []
    assert world.gate.calls["programs.change"] == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "timeZone"),
        ({"full_price": 10}, "classRepDiscount"),
        ({"full_price": 100_000_000}, None),
    ],
)
async def test_terms_that_make_no_sense_are_refused(
    changes: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(TermsRefused) as refusal:
        await change(World(), **changes)

    assert refusal.value.field == field


async def test_nobody_changes_what_is_not_there() -> None:
    with pytest.raises(ProgramNotFound):
        await change(World(), program_id=ProgramId("none"), title="Opera")


# --- Retiring and pausing -----------------------------------------------------------


async def test_a_retired_program_is_not_sold_until_it_is_restored() -> None:
    world = World()
    bought = await world.bought()

    for _ in range(2):
        await act(world, ProgramAct.RETIRE)
    with pytest.raises(ProgramNotFound):
        await world.check_out(GRACE)
    await act(world, ProgramAct.RESTORE)

    await world.check_out(GRACE)
    assert world.row(bought).is_owned
    whats = [entry.what for entry in world.audit.entries]
    assert whats == ["retire_program", "restore_program"]


async def test_nobody_begins_to_pay_while_sales_are_paused() -> None:
    world = World()
    await act(world, ProgramAct.PAUSE_SALES)

    for as_class_rep in (False, True):
        with pytest.raises(SalesPaused):
            await world.check_out(as_class_rep=as_class_rep)
    assert (list(world.rows), world.sessions_created) == ([], 0)

    await act(world, ProgramAct.RESUME_SALES)
    await world.check_out()


async def test_what_is_open_may_be_paid_during_a_pause() -> None:
    world = World()
    first = await world.check_out(as_class_rep=True)
    await act(world, ProgramAct.PAUSE_SALES)

    again = await world.check_out(as_class_rep=True)
    assert again.existing
    assert session_of(again.purchase) == session_of(first.purchase)
    assert world.held() == {first.purchase.id}

    await world.tell(world.payments.pay(session_of(first.purchase)))
    assert world.row(first.purchase).status is Status.COMPLETED
    with pytest.raises(AlreadyPurchased):
        await world.check_out()


async def test_an_open_checkout_is_not_given_up_for_one_that_may_not_begin() -> None:
    world = World()
    first = await world.check_out()
    await act(world, ProgramAct.PAUSE_SALES)

    with pytest.raises(SalesPaused):
        await world.check_out(as_class_rep=True)

    assert world.row(first.purchase).pay_url is not None


async def test_an_expired_page_is_not_replaced_during_a_pause() -> None:
    world = World()
    first = await world.check_out(as_class_rep=True)
    await act(world, ProgramAct.PAUSE_SALES)
    world.advance(HOLD)

    with pytest.raises(SalesPaused):
        await world.check_out(as_class_rep=True)

    assert world.row(first.purchase).status is Status.CLOSED
    assert world.held() == frozenset()


@pytest.mark.parametrize("lost", ["lose_request", "lose_answer"])
async def test_what_was_not_shown_before_a_pause_is_not_opened_in_it(lost: str) -> None:
    world = World()
    getattr(world.payments, lost)("create_session")
    with pytest.raises(CheckoutUnresolved):
        await world.check_out(as_class_rep=True)
    await act(world, ProgramAct.PAUSE_SALES)

    with pytest.raises(SalesPaused):
        await world.check_out(as_class_rep=True)

    (tried,) = world.rows
    assert (tried.status, world.held()) == (Status.CLOSED, frozenset())
    assert all(page.url is None for page in world.sessions)


async def test_a_payment_under_way_is_told_rather_than_the_pause() -> None:
    world = World()
    first = await world.check_out()
    await world.purchases.note_processing(first.purchase.id, at=world.clock.now())
    await act(world, ProgramAct.PAUSE_SALES)

    with pytest.raises(PaymentUnderWay):
        await world.check_out(as_class_rep=True)


# --- Looking ------------------------------------------------------------------------


async def test_each_spot_says_whose_it_is_and_until_when() -> None:
    world = World()
    paid = await world.bought(ADA, as_class_rep=True)
    held = (await world.check_out(GRACE, as_class_rep=True)).purchase
    view = world.service.view_spots()

    page = await view(CHOIR, page=1, size=10)

    spots = {spot.purchase_id: spot for spot in page.items}
    assert page.total == 2
    assert (spots[paid.id].kind, spots[paid.id].until) == (SpotKind.PAID, None)
    session = world.row(held).session
    assert session is not None
    assert spots[held.id].kind is SpotKind.HELD
    assert spots[held.id].until == session.expires_at


async def test_a_spot_that_nobody_should_hold_is_a_stray() -> None:
    world = World()
    held = (await world.check_out(as_class_rep=True)).purchase
    await world.cancel(held)
    await world.programs.reserve_spot(CHOIR, held.id, limit=10)
    await world.programs.reserve_spot(CHOIR, PurchaseId("unknown"), limit=10)

    page = await world.service.view_spots()(CHOIR, page=1, size=10)

    assert {spot.kind for spot in page.items} == {SpotKind.STRAY}
    assert [spot.until for spot in page.items] == [None, None]


async def test_spots_come_in_pages_and_only_of_what_is_there() -> None:
    world = World()
    for buyer in (ADA, GRACE):
        await world.check_out(buyer, as_class_rep=True)
    view = world.service.view_spots()

    pages = [await view(CHOIR, page=n, size=1) for n in (1, 2, 3)]

    assert [len(page.items) for page in pages] == [1, 1, 0]
    assert len({spot.purchase_id for page in pages for spot in page.items}) == 2
    with pytest.raises(ProgramNotFound):
        await view(ProgramId("none"), page=1, size=1)
