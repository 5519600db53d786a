"""Protocol 3.2, CHECKOUT and FORWARD, where nothing goes wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.programs import ProgramNotFound
from application.ports.purchases import OrderNumberTaken
from application.start_checkout import CheckoutUnresolved, StartCheckoutCommand
from domain.class_rep import SpotsExhausted
from domain.ids import BuyerId, ProgramId, PurchaseId
from domain.outbox import MailState
from domain.program import ProgramIsFree
from domain.purchase import AlreadyPurchased, ClosedReason, Status
from domain.quote import BelowMinimumCharge
from entrypoints.simulation.outside.clock import NOON, ManualClock
from tests.application.world import World
from tests.examples import ADA, GRACE, HOLD, a_program, a_purchase, usd


@pytest.mark.parametrize(("as_class_rep", "total"), [(False, 8_000), (True, 5_000)])
async def test_a_buyer_is_led_to_a_page_that_asks_for_the_quoted_total(
    *, as_class_rep: bool, total: int
) -> None:
    world = World()

    answer = await world.check_out(as_class_rep=as_class_rep)

    purchase = world.row(answer.purchase)
    assert answer.purchase == purchase
    assert not answer.existing
    assert (purchase.status, purchase.quote.total) == (Status.PENDING, usd(total))
    assert purchase.pay_url == world.session(purchase).url
    assert world.session(purchase).amount_total == total
    assert world.session(purchase).expires_at == NOON + HOLD
    assert world.held() == ({purchase.id} if as_class_rep else set())


async def test_the_page_ends_by_the_providers_clock_not_by_ours() -> None:
    ahead = ManualClock(NOON + timedelta(hours=48))
    world = World(clock=ahead, provider_clock=ManualClock())

    answer = await world.check_out()

    assert world.session(answer.purchase).expires_at == NOON + HOLD


async def test_the_purchase_carries_the_program_and_the_buyer_as_they_are_now() -> None:
    world = World()
    answer = await world.check_out()
    world.offer(a_program(title="Orchestra", full_price=usd(20_000)))

    purchase = world.row(answer.purchase)

    assert (purchase.program.title, purchase.buyer) == ("Choir", ADA)
    assert purchase.quote.full_price == usd(10_000)
    assert purchase.order_number.startswith("ORD-20260302-")


async def test_a_quote_of_zero_completes_at_once_and_no_provider_hears_of_it() -> None:
    world = World()
    world.offer(a_program(class_rep_discount=usd(9_000)))

    answer = await world.check_out(as_class_rep=True)

    purchase = world.row(answer.purchase)
    assert purchase == answer.purchase
    assert (purchase.status, purchase.completed_at) == (Status.COMPLETED, NOON)
    assert (purchase.paid, purchase.request, purchase.pay_url) == (None, None, None)
    assert purchase.confirmation is not None
    assert purchase.confirmation.state is MailState.DUE
    assert purchase.confirmation.message_id == f"<confirm.{purchase.id}@mail.example>"
    assert world.bell.rung == 1
    assert world.held() == {purchase.id}
    assert world.history(purchase) == [Status.RESERVED, Status.COMPLETED]
    assert not any("payments" in call for call in world.gate.calls)


async def test_a_total_below_the_smallest_charge_leaves_nothing_behind() -> None:
    world = World()
    world.offer(a_program(class_rep_discount=usd(7_951)))

    with pytest.raises(BelowMinimumCharge):
        await world.check_out(as_class_rep=True)

    assert (len(world.rows), world.held()) == (0, frozenset())
    assert world.gate.calls == {"programs.get": 1, "purchases.abandoned_since": 1}


async def test_a_free_program_is_not_sold() -> None:
    world = World()
    nothing = usd(0)
    world.offer(
        a_program(
            is_free=True,
            full_price=nothing,
            class_rep_discount=nothing,
            early_bird_discount=nothing,
        )
    )

    with pytest.raises(ProgramIsFree):
        await world.check_out()

    assert not world.rows


async def test_a_retired_program_looks_like_one_that_never_was() -> None:
    world = World()
    world.offer(a_program(is_active=False))

    with pytest.raises(ProgramNotFound) as retired:
        await world.check_out()
    with pytest.raises(ProgramNotFound) as unknown:
        await world.service.start_checkout()(
            StartCheckoutCommand(
                buyer=ADA, program_id=ProgramId("opera"), as_class_rep=False
            )
        )

    assert str(retired.value) == str(unknown.value) == "Program not found."
    assert not world.rows


async def test_a_program_retired_before_the_spot_is_taken_closes_the_purchase() -> None:
    world = World()

    async def retire() -> None:
        world.offer(a_program(is_active=False))

    world.gate.once("before programs.reserve_spot", retire)

    with pytest.raises(ProgramNotFound):
        await world.check_out(as_class_rep=True)

    (purchase,) = world.rows
    assert purchase.closed_reason is ClosedReason.FAILED
    assert not world.held()
    assert world.sessions_created == 0


async def test_what_was_bought_is_not_sold_again() -> None:
    world = World()
    bought = await world.bought()

    for as_class_rep in (False, True):
        with pytest.raises(AlreadyPurchased) as refusal:
            await world.check_out(as_class_rep=as_class_rep)
        assert refusal.value.purchase_id == bought.id

    assert world.sessions_created == 1


async def test_what_was_had_for_nothing_is_not_given_again() -> None:
    world = World()
    world.offer(a_program(class_rep_discount=usd(9_000)))
    first = await world.check_out(as_class_rep=True)

    with pytest.raises(AlreadyPurchased) as refusal:
        await world.check_out(as_class_rep=True)

    assert refusal.value.purchase_id == first.purchase.id
    assert len(world.rows) == 1


async def test_who_bought_hears_that_rather_than_that_no_spot_is_left() -> None:
    world = World()
    world.offer(a_program(class_rep_limit=1))
    await world.check_out(GRACE, as_class_rep=True)
    await world.bought(ADA)

    with pytest.raises(AlreadyPurchased):
        await world.check_out(ADA, as_class_rep=True)


async def test_two_buyers_have_two_purchases_with_two_order_numbers() -> None:
    world = World()

    adas, graces = await world.check_out(ADA), await world.check_out(GRACE)

    assert adas.purchase.id != graces.purchase.id
    assert adas.purchase.order_number != graces.purchase.order_number
    assert world.sessions_created == 2


async def test_when_all_spots_are_held_the_purchase_is_closed_before_any_payment() -> (
    None
):
    world = World()
    world.offer(a_program(class_rep_limit=1))
    adas = await world.check_out(ADA, as_class_rep=True)

    with pytest.raises(SpotsExhausted) as refusal:
        await world.check_out(GRACE, as_class_rep=True)

    graces = next(row for row in world.rows if row.buyer == GRACE)
    assert refusal.value.limit == 1
    assert (graces.status, graces.closed_reason) == (
        Status.CLOSED,
        ClosedReason.LIMIT_REACHED,
    )
    assert world.held() == {adas.purchase.id}
    assert world.sessions_created == 1
    assert world.gate.calls["programs.reserve_spot"] == 2


async def test_a_limit_of_zero_is_none() -> None:
    world = World()
    world.offer(a_program(class_rep_limit=0))

    for buyer in (ADA, GRACE):
        await world.check_out(buyer, as_class_rep=True)

    assert len(world.held()) == 2


async def test_spots_that_ended_purchases_still_hold_are_taken_back_once() -> None:
    world = World()
    world.offer(a_program(class_rep_limit=2))
    ghosts = [
        a_purchase(
            Status.CLOSED,
            as_class_rep=True,
            id=PurchaseId(f"ghost-{n}"),
            buyer=replace(GRACE, id=BuyerId(f"ghost-{n}")),
        )
        for n in range(2)
    ]
    world.store.rows.update({ghost.id: ghost for ghost in ghosts})
    world.programs.holders[a_program().id] = frozenset(g.id for g in ghosts)

    answer = await world.check_out(as_class_rep=True)

    assert world.held() == {answer.purchase.id}
    assert world.gate.calls["programs.spot_holders"] == 1
    assert world.gate.calls["programs.release_spot"] == 2
    assert world.gate.calls["programs.reserve_spot"] == 2


async def test_a_spot_freed_of_a_ghost_may_go_to_somebody_faster() -> None:
    world = World()
    world.offer(a_program(class_rep_limit=1))
    ghost = a_purchase(Status.CLOSED, as_class_rep=True, id=PurchaseId("ghost"))
    world.store.rows[ghost.id] = ghost
    world.programs.holders[a_program().id] = frozenset({ghost.id})

    async def be_faster() -> None:
        world.programs.holders[a_program().id] = frozenset({PurchaseId("faster")})

    world.gate.once("after programs.release_spot", be_faster)

    with pytest.raises(SpotsExhausted):
        await world.check_out(as_class_rep=True)

    assert world.held() == {"faster"}
    assert world.gate.calls["programs.reserve_spot"] == 2
    assert not world.live


async def test_a_spot_that_a_helper_took_for_the_same_purchase_is_enough() -> None:
    world = World()
    world.offer(a_program(class_rep_limit=1))
    world.programs.holders[a_program().id] = frozenset({PurchaseId("gives-way")})

    async def help_out() -> None:
        (purchase,) = world.rows
        world.programs.holders[a_program().id] = frozenset({purchase.id})

    world.gate.once("before programs.spot_holders", help_out)

    answer = await world.check_out(as_class_rep=True)

    assert answer.purchase.status is Status.PENDING
    assert world.held() == {answer.purchase.id}


async def test_an_order_number_drawn_twice_is_drawn_again() -> None:
    world = World()
    world.gate.fail_once("before purchases.add", OrderNumberTaken())

    answer = await world.check_out()

    assert not answer.existing
    assert world.gate.calls["purchases.add"] == 2
    assert list(world.rows) == [answer.purchase]


async def test_a_run_of_bad_luck_with_order_numbers_ends() -> None:
    world = World()
    for _ in range(4):
        world.gate.fail_once("before purchases.add", OrderNumberTaken())

    with pytest.raises(CheckoutUnresolved):
        await world.check_out()

    assert world.gate.calls["purchases.add"] == 4
