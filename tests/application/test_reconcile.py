"""Reconcile's second half: exactly the plan, and each finding once more before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.reconcile import Outcome, PlanChanged
from domain.checkout import SessionStatus
from domain.findings import FindingKind, Repair
from domain.ids import PurchaseId
from domain.purchase import Status
from domain.refunds import ExtraPaymentState
from tests.application.planning import (
    GHOST,
    apply,
    is_in_order,
    plan,
    plant,
    reconcile,
    reconciled,
    rep,
)
from tests.application.world import World, intent_of, session_of
from tests.examples import CHOIR, GRACE, a_paid_session, a_purchase, a_session

# --- What is repaired --------------------------------------------------------------


async def test_a_world_in_order_has_an_empty_plan() -> None:
    world = World()
    await world.bought()

    assert await reconciled(world) == {}


async def test_a_payment_nobody_told_of_completes_its_purchase() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.pay(session_of(answer.purchase))

    assert await reconciled(world) == {"paid_unknown": "repaired"}

    assert world.row(answer.purchase).status is Status.COMPLETED
    assert await is_in_order(world)


async def test_late_and_second_money_goes_back_in_the_same_act() -> None:
    world = World()
    closed = await world.cancel((await world.check_out()).purchase)
    bought = await world.bought(GRACE)
    late = plant(world, "cs_late", a_paid_session(purchase_id=closed.id))
    second = plant(world, "cs_second", a_paid_session(purchase_id=bought.id))

    assert await reconciled(world) == {"double_paid": "repaired"}

    for row, session in ((closed, late), (bought, second)):
        (extra,) = world.row(row).extra_payments
        assert extra.state is ExtraPaymentState.DONE
        assert world.refunds.given_back(extra.payment_intent or "") == 8_000
        assert extra.session_id == session.id
    assert await is_in_order(world)


async def test_money_recorded_and_never_sent_goes_back() -> None:
    world = World()
    closed = await world.cancel((await world.check_out()).purchase)
    late = plant(world, "cs_late", a_paid_session(purchase_id=closed.id))
    await world.service.follow_session()(late)

    assert await reconciled(world) == {"double_paid": "repaired"}

    assert world.refunds.created.total() == 1
    assert await is_in_order(world)


async def test_a_wrong_amount_closes_its_purchase_and_goes_back() -> None:
    world = World()
    answer = await world.check_out()
    session = world.payments.pay(session_of(answer.purchase))
    world.payments.plant(replace(session, amount_total=1))

    assert await reconciled(world) == {"amount_mismatch": "repaired"}

    assert world.row(answer.purchase).status is Status.CLOSED
    assert await is_in_order(world)


async def test_an_open_page_of_what_has_ended_is_closed() -> None:
    world = World()
    closed = await world.cancel((await world.check_out()).purchase)
    left = plant(world, "cs_left", a_session(purchase_id=closed.id))
    stray = plant(world, "cs_stray", a_session(purchase_id=GHOST))

    assert await reconciled(world) == {
        "orphan_session": "repaired",
        "stray_session": "repaired",
    }

    for session in (left, stray):
        now = world.payments.sessions[session.id]
        assert now.status is SessionStatus.EXPIRED


async def test_a_page_that_is_paid_while_it_is_closed_is_money_to_give_back() -> None:
    world = World()
    closed = await world.cancel((await world.check_out()).purchase)
    left = plant(world, "cs_left", a_session(purchase_id=closed.id))

    async def pay() -> None:
        world.payments.pay(left.id)

    world.gate.once("before payments.expire_session", pay)
    assert await reconciled(world) == {"orphan_session": "repaired"}

    (extra,) = world.row(closed).extra_payments
    assert extra.state is ExtraPaymentState.DONE


async def test_a_phase_that_stands_still_is_carried_on() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.lose_request("expire_session")
    await world.cancel(answer.purchase)

    assert await reconciled(world) == {"stuck_phase": "repaired"}

    assert world.is_cancelled(answer.purchase)


async def test_a_refund_that_is_due_is_sent_once() -> None:
    world = World()
    bought = await world.bought()
    world.payments.lose_request("create_refund")
    await world.ask_refund(bought)

    assert await reconciled(world) == {"stuck_refund": "repaired"}

    assert world.row(bought).status is Status.REFUNDED
    assert world.refunds.created.total() == 1


async def test_refunds_and_disputes_of_the_dashboard_are_learnt() -> None:
    world = World()
    ada, grace = await world.bought(), await world.bought(GRACE)
    world.refunds.refund_outside(intent_of(ada))
    world.refunds.dispute(intent_of(grace))

    assert await reconciled(world) == {
        "refunded_but_active": "repaired",
        "unknown_dispute": "repaired",
    }

    assert world.row(ada).status is Status.REFUNDED
    assert world.row(grace).dispute is not None
    left = await plan(world, after=timedelta(0))
    assert [finding.kind for finding in left.findings] == ["dispute_open"]


async def test_spots_are_released_and_no_other() -> None:
    world = World()
    live = await world.bought(as_class_rep=True)
    over = rep(world, "over", Status.CLOSED)
    for holder in (over.id, GHOST):
        await world.programs.reserve_spot(CHOIR, holder, limit=10)

    assert await reconciled(world) == {
        "leaked_spot": "repaired",
        "stray_spot": "repaired",
    }

    assert world.held() == {live.id}


# --- What is left to a human --------------------------------------------------------


async def test_the_counter_is_never_recounted() -> None:
    """Hazard 80: neither by reconcile nor by anything that it does."""
    world = World()
    over = rep(world, "over", Status.CLOSED)
    await world.programs.reserve_spot(CHOIR, over.id, limit=10)
    world.programs.drift[CHOIR] = 3

    results = await reconciled(world)

    assert results["counter_drift"] == Outcome.FOR_A_HUMAN
    book = await world.survey.spot_book(CHOIR)
    assert book is not None
    assert (len(book.holders), book.count) == (0, 3)
    assert await reconciled(world) == {"counter_drift": "for_a_human"}


async def test_what_policy_does_not_repair_is_left_as_it_is() -> None:
    world = World()
    missing = rep(world, "missing", Status.COMPLETED)

    assert await reconciled(world) == {"missing_spot": "for_a_human"}

    assert world.held() == frozenset()
    assert world.row(missing) == missing


# --- The plan, and nothing else -----------------------------------------------------


async def stray_spots(world: World, *names: str) -> None:
    for name in names:
        await world.programs.reserve_spot(CHOIR, PurchaseId(name), limit=10)


async def test_a_plan_that_no_longer_fits_is_refused_and_nothing_is_done() -> None:
    world = World()
    await stray_spots(world, "one", "two")
    old = await plan(world)
    await stray_spots(world, "three")

    with pytest.raises(PlanChanged) as refused:
        await apply(world, old.hash)

    assert world.held() == {"one", "two", "three"}
    now = await plan(world, after=timedelta(0))
    assert refused.value.now == now.hash
    assert len(await apply(world, now.hash)) == 3


async def test_a_plan_fits_while_only_time_has_passed() -> None:
    world = World()
    stuck = a_purchase(Status.CREATING, id=PurchaseId("stuck"))
    world.store.rows[stuck.id] = stuck
    made = await plan(world)
    world.advance(timedelta(days=1))

    (result,) = await apply(world, made.hash)

    assert result.outcome is Outcome.REPAIRED
    assert result.finding.severity > made.findings[0].severity


async def test_a_plan_that_did_not_see_everything_is_another_plan() -> None:
    world = World()
    await stray_spots(world, "one")
    made = await plan(world)
    world.payments.lose_request("sessions_since")

    with pytest.raises(PlanChanged):
        await apply(world, made.hash)


async def test_each_subject_is_looked_at_right_before_its_repair() -> None:
    """The holder of the first spot turns out to live; the second goes."""
    world = World()
    await stray_spots(world, "one", "two")
    made = await plan(world)

    async def appear() -> None:
        rep(world, "one", Status.PENDING)

    world.gate.once("before survey.live_reps", appear)  # the plan is found once more
    results = await apply(world, made.hash)

    assert [result.outcome for result in results] == ["no_longer_so", "repaired"]
    assert world.held() == {"one"}


async def test_a_finding_with_other_facts_is_another_one() -> None:
    world = World()
    over = rep(world, "over", Status.CLOSED)
    await world.programs.reserve_spot(CHOIR, over.id, limit=10)
    made = await plan(world)

    async def refund() -> None:
        world.store.rows[over.id] = replace(over, status=Status.REFUNDED)

    world.gate.once("before survey.live_reps", refund)
    (result,) = await apply(world, made.hash)

    assert result.outcome is Outcome.NO_LONGER_SO
    assert world.held() == {over.id}


async def test_one_poison_finding_stops_no_other() -> None:
    world = World()
    await stray_spots(world, "one", "three", "two")
    made = await plan(world)
    world.gate.fail_once("before programs.release_spot", ZeroDivisionError())

    results = await apply(world, made.hash)

    assert [(r.outcome, r.why, r.is_over) for r in results] == [
        ("failed", "ZeroDivisionError", False),
        ("repaired", None, True),
        ("repaired", None, True),
    ]
    assert world.held() == {"one"}


async def test_a_provider_that_falls_silent_fails_its_finding_only() -> None:
    world = World()
    plant(world, "cs_stray", a_session(purchase_id=GHOST))
    await stray_spots(world, "one")
    made = await plan(world)
    world.payments.lose_request("expire_session")

    results = await apply(world, made.hash)

    assert {r.finding.kind: (r.outcome, r.why) for r in results} == {
        FindingKind.STRAY_SESSION: ("failed", "payment_gateway_unavailable"),
        FindingKind.STRAY_SPOT: ("repaired", None),
    }


async def test_a_repair_that_changes_nothing_says_so() -> None:
    world = World()
    bought = await world.bought()
    world.payments.lose_request("create_refund")
    await world.ask_refund(bought)
    made = await plan(world)
    world.payments.lose_request("refunds_of")

    (result,) = await apply(world, made.hash)

    assert (result.outcome, result.is_over) == (Outcome.UNCHANGED, False)
    assert world.rows_of(bought) == ["due"]


async def test_a_refund_that_nothing_waits_for_is_decided_from_its_rows() -> None:
    world = World()
    stuck = a_purchase(Status.REFUNDING, id=PurchaseId("stuck"), refunds=())
    world.store.rows[stuck.id] = stuck

    assert await reconciled(world) == {"stuck_phase": "repaired"}

    assert world.row(stuck).status is Status.COMPLETED


async def test_applying_a_plan_twice_repairs_once() -> None:
    world = World()
    await stray_spots(world, "one")
    made = await plan(world)

    assert [r.outcome for r in await apply(world, made.hash)] == ["repaired"]
    with pytest.raises(PlanChanged):
        await apply(world, made.hash)


def test_every_repair_that_policy_names_is_known() -> None:
    acts = reconcile(World()).repair._acts

    assert acts.keys() == set(Repair) - {Repair.NONE}
