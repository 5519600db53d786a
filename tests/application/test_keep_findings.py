"""Findings are kept as they are now, and a human hears of each that wants one, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.keep_findings import REACH
from application.tell_findings import NAMED_MAX
from domain.ids import PurchaseId, SessionId
from domain.purchase import Status
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import World
from tests.examples import CHOIR, a_purchase, a_session
from tests.fakes.turnstile import Crash

QUARTER = timedelta(minutes=15)
GHOST = PurchaseId("ghost")
STUCK = a_purchase(Status.CLOSING, id=PurchaseId("stuck"))


async def watch(world: World, *, after: timedelta = QUARTER) -> int:
    world.advance(after)
    return await world.service.differences().keep_findings()()


def open_now(world: World) -> dict[str, int]:
    """Return the open findings and how often each was seen."""
    rows = world.findings.rows.values()
    return {str(r.finding.kind): r.times for r in rows if r.gone_at is None}


async def stray_spot(world: World) -> None:
    await world.programs.reserve_spot(CHOIR, GHOST, limit=10)


async def test_a_difference_that_stays_is_kept_and_told_once() -> None:
    world = World()
    await stray_spot(world)

    for _ in range(3):
        assert await watch(world) == 1

    assert open_now(world) == {"stray_spot": 3}
    assert world.alerts.codes == ["finding_stray_spot"]
    (alert,) = world.alerts.sent
    assert alert.facts["purchase_id"] == GHOST
    assert alert.next_step


async def test_the_alert_says_what_to_run_next() -> None:
    world = World()
    await stray_spot(world)

    await watch(world)

    (alert,) = world.alerts.sent
    assert f"`spothold purchase show {GHOST}`" in alert.next_step
    assert alert.facts["since"] == "2026-03-02T12:15+00:00"


async def test_those_of_one_kind_go_out_together_with_the_plan_to_apply() -> None:
    world = World()
    for name in ("one", "two", "three"):
        await world.programs.reserve_spot(CHOIR, PurchaseId(name), limit=10)

    await watch(world)

    (alert,) = world.alerts.sent
    assert alert.message == "Reconcile found 3 differences: stray spot."
    assert alert.facts["number"] == 3
    assert {f"{CHOIR}/one", f"{CHOIR}/two", f"{CHOIR}/three"} <= alert.facts.keys()
    found = await world.service.differences().reconcile().plan(reach=REACH)
    assert f"spothold reconcile --days 1 --apply {found.hash}" in alert.next_step


async def test_of_very_many_some_are_named_and_all_are_told() -> None:
    world = World()
    names = (PurchaseId(f"p{number}") for number in range(NAMED_MAX + 5))
    world.programs.holders[CHOIR] = frozenset(names)

    for _ in range(2):
        await watch(world)

    (alert,) = world.alerts.sent
    assert (alert.facts["number"], alert.facts["more"]) == (NAMED_MAX + 5, 5)


async def test_what_stays_is_told_each_week_and_what_is_critical_each_day() -> None:
    world = World()
    await stray_spot(world)
    await watch(world)
    for _ in range(2):
        await watch(world, after=timedelta(days=6, hours=23))
    assert world.alerts.codes == ["finding_stray_spot"] * 2
    again = world.alerts.sent[1].message
    assert again == "Reconcile still sees a difference: stray spot."

    drifting = World()
    drifting.programs.drift[CHOIR] = 1
    for _ in range(3):
        await watch(drifting, after=timedelta(hours=23))
    assert drifting.alerts.codes == ["finding_counter_drift"] * 2


@pytest.mark.parametrize(
    ("moment", "told"),
    [("before findings.mark_told", 2), ("after findings.claim_telling", 1)],
)
async def test_a_crash_in_the_midst_of_telling_loses_nothing(
    moment: str, told: int
) -> None:
    world = World()
    await stray_spot(world)

    async def die() -> None:
        raise Crash

    world.gate.once(moment, die)
    with pytest.raises(Crash):
        await watch(world)

    for _ in range(2):
        await watch(world)
    assert world.alerts.codes == ["finding_stray_spot"] * told


async def test_what_reconcile_mends_by_itself_is_told_only_when_it_does_not() -> None:
    world = World()
    world.store.rows[STUCK.id] = STUCK

    await watch(world)
    assert (open_now(world), world.alerts.codes) == ({"stuck_phase": 1}, [])

    await watch(world, after=timedelta(minutes=54))
    assert world.alerts.codes == []
    for _ in range(3):
        await watch(world)
    assert world.alerts.codes == ["finding_stuck_phase"]
    assert world.alerts.sent[0].facts["severity"] == "critical"


async def test_what_is_no_more_is_gone_and_told_anew_when_it_comes_back() -> None:
    world = World()
    await stray_spot(world)
    await watch(world)
    await world.programs.release_spot(CHOIR, GHOST)

    assert await watch(world) == 0
    assert open_now(world) == {}

    await stray_spot(world)
    await watch(world)
    assert open_now(world) == {"stray_spot": 1}
    assert world.alerts.codes == ["finding_stray_spot"] * 2


async def test_what_is_too_old_to_be_listed_stays_until_it_is_gone() -> None:
    world = World()
    stray = a_session(
        id=SessionId("cs_stray"),
        purchase_id=GHOST,
        expires_at=NOON + timedelta(days=9),
    )
    world.payments.plant(stray)
    await watch(world)

    await watch(world, after=timedelta(days=3))
    assert open_now(world) == {"stray_session": 2}

    await world.payments.expire_session(stray.id)
    await watch(world)
    assert open_now(world) == {}


async def test_what_cannot_be_looked_at_again_stays() -> None:
    world = World()
    world.payments.plant(a_session(id=SessionId("cs_stray"), purchase_id=GHOST))
    await watch(world)
    await world.payments.expire_session(SessionId("cs_stray"))
    for call in ("sessions_since", "get_session"):
        world.payments.lose_request(call)

    await watch(world)

    assert open_now(world) == {"stray_session": 1}
    assert world.alerts.codes == ["finding_stray_session"]


async def test_a_bug_of_ours_is_told() -> None:
    world = World()
    world.gate.fail_once("before survey.restless", ZeroDivisionError())

    await watch(world)

    assert world.alerts.codes == ["inspection_incomplete"]
    assert world.alerts.sent[0].facts == {"purchases": "ZeroDivisionError"}
    world.gate.fail_once("before survey.restless", ZeroDivisionError())
    await watch(world)
    assert world.alerts.codes == ["inspection_incomplete"]
    world.gate.fail_once("before survey.restless", ZeroDivisionError())
    await watch(world, after=timedelta(hours=6))
    assert world.alerts.codes == ["inspection_incomplete"] * 2


async def test_one_instance_watches_at_a_time() -> None:
    world = World()
    await stray_spot(world)
    world.advance(QUARTER)

    seen = [
        await world.instance(worker=worker).differences().keep_findings()()
        for worker in ("one", "two")
    ]

    assert seen == [1, 0]


@pytest.mark.parametrize("status", [Status.CREATING, Status.CLOSED])
async def test_watching_repairs_nothing(status: Status) -> None:
    world = World()
    row = replace(STUCK, status=status)
    world.store.rows[row.id] = row
    await stray_spot(world)

    await watch(world)

    assert world.store.rows[row.id] == row
    assert world.held() == {GHOST}


async def test_a_bug_that_no_way_took_is_told_at_the_next_turn() -> None:
    world = World()
    for is_deaf in (True, False, False):
        world.alerts.is_deaf = is_deaf
        world.gate.fail_once("before survey.restless", ZeroDivisionError())
        await watch(world)

    assert len(world.alerts.undelivered) == 1
    assert world.alerts.codes == ["inspection_incomplete"]
