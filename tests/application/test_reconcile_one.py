"""One purchase reconciled: what is wrong with the others stays theirs."""

from datetime import timedelta

import pytest

from application.find_differences import Differences
from application.ports.purchases import PurchaseNotFound
from application.reconcile import Outcome, PlanChanged, Repaired
from application.reconcile_one import ReconcileOne
from domain.ids import PurchaseId
from domain.purchase import Purchase, Status
from tests.application.planning import GHOST, HALF_AN_HOUR, OPERATOR, plant, rep
from tests.application.world import World, session_of
from tests.examples import CHOIR, GRACE, a_paid_session


def one(world: World) -> ReconcileOne:
    return world.service.differences().reconcile_one()


async def plan(world: World, purchase: Purchase) -> Differences:
    world.advance(HALF_AN_HOUR)
    return await one(world).plan(purchase.id)


async def apply(world: World, purchase: Purchase, plan_hash: str) -> list[Repaired]:
    steps = one(world).apply(purchase.id, plan_hash, by=OPERATOR)
    return [step async for step in steps]


def kinds(found: Differences) -> list[str]:
    return [each.kind.value for each in found.findings]


async def test_a_purchase_in_order_has_an_empty_plan() -> None:
    world = World()

    assert kinds(await plan(world, await world.bought())) == []


async def test_the_trouble_of_another_is_not_in_the_plan() -> None:
    world = World()
    ada, grace = await world.check_out(), await world.check_out(GRACE)
    for each in (ada, grace):
        world.payments.pay(session_of(each.purchase))

    found = await plan(world, ada.purchase)
    [done] = await apply(world, ada.purchase, found.hash)

    assert kinds(found) == ["paid_unknown"]
    assert done.outcome is Outcome.REPAIRED
    assert world.row(ada.purchase).status is Status.COMPLETED
    assert world.row(grace.purchase).status is Status.PENDING


async def test_money_that_came_twice_goes_back() -> None:
    world = World()
    bought = await world.bought()
    second = plant(world, "cs_second", a_paid_session(purchase_id=bought.id))
    await world.service.follow_session()(second)

    found = await plan(world, bought)
    await apply(world, bought, found.hash)

    assert kinds(found) == ["double_paid"]
    assert world.refunds.given_back("pi_cs_second") == 8_000
    assert kinds(await plan(world, bought)) == []


async def test_a_spot_is_compared_both_ways() -> None:
    world = World()
    ended, live = rep(world, "ended", Status.CLOSED), rep(world, "live", Status.PENDING)
    world.programs.holders[CHOIR] = frozenset({ended.id})

    assert "leaked_spot" in kinds(await plan(world, ended))
    assert "missing_spot" in kinds(await plan(world, live))


async def test_what_is_young_is_still_worked_on() -> None:
    world = World()
    answer = await world.check_out()
    world.payments.pay(session_of(answer.purchase))

    found = await one(world).plan(answer.purchase.id, patience=timedelta(minutes=10))

    assert kinds(found) == []


async def test_another_plan_is_refused_and_nothing_done() -> None:
    world = World()
    answer = await world.check_out()
    world.payments.pay(session_of(answer.purchase))
    world.advance(HALF_AN_HOUR)

    with pytest.raises(PlanChanged):
        await apply(world, answer.purchase, "0" * 64)

    assert world.row(answer.purchase).status is Status.PENDING


async def test_without_a_provider_the_plan_says_what_was_not_seen() -> None:
    world = World()
    bought = await world.bought()
    world.payments.lose_request("get_session")

    found = await plan(world, bought)

    assert found.unseen == {"purchase": "payment_gateway_unavailable"}


async def test_of_nothing_there_is_nothing_to_mend() -> None:
    world = World()
    steps = one(world).apply(PurchaseId(GHOST), "0" * 64, by=OPERATOR)

    with pytest.raises(PurchaseNotFound):
        await anext(steps)
