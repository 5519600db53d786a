"""An admin has one finding mended: what was shown, once, and with a name to it."""

from dataclasses import replace

import pytest

from application.ports.payments import PaymentGatewayUnavailable
from application.reconcile import Outcome, PlanChanged
from application.repair_finding import FindingNotFound, RepairFindingCommand
from domain.findings import Finding, FindingKind
from domain.ids import SessionId
from tests.application.test_keep_findings import GHOST, QUARTER, stray_spot, watch
from tests.application.world import World
from tests.examples import CHOIR, a_session
from tests.fakes.turnstile import Crash

OTHER_PLAN = "0" * 64


async def shown(world: World) -> Finding:
    """Let reconcile look, and return the one thing that it found."""
    await watch(world)
    (known,) = await world.findings.open(limit=9)
    return known.finding


async def repair(
    world: World, finding: Finding, *, plan: str | None = None
) -> tuple[Outcome, str | None]:
    done = await world.service.differences().repair_finding()(
        RepairFindingCommand(
            finding_id=finding.id,
            plan=finding.plan if plan is None else plan,
            admin="root",
            reason="nobody is owed it",
        )
    )
    return done.outcome, done.why


async def open_ids(world: World) -> list[str]:
    return [known.finding.id for known in await world.findings.open(limit=9)]


async def test_it_is_mended_as_shown_and_gone_at_once() -> None:
    world = World()
    await stray_spot(world)
    finding = await shown(world)
    world.advance(QUARTER)

    assert await repair(world, finding) == (Outcome.REPAIRED, None)

    assert world.held() == frozenset()
    assert await open_ids(world) == []
    (entry,) = world.audit.entries
    assert (entry.by, entry.what, entry.subject, entry.why) == (
        "admin root",
        "repair_stray_spot",
        f"finding/{finding.id}",
        "nobody is owed it",
    )
    assert entry.after == {"repair": "release_spot", "of": finding.subject}


async def test_another_plan_is_refused_and_nothing_is_done() -> None:
    world = World()
    await stray_spot(world)
    finding = await shown(world)

    with pytest.raises(PlanChanged):
        await repair(world, finding, plan=OTHER_PLAN)

    assert world.held() == {GHOST}
    assert len(world.audit.entries) == 1


async def test_a_world_that_moved_is_refused_and_shown_as_it_is_now() -> None:
    world = World()
    await stray_spot(world)
    finding = await shown(world)
    moved = replace(finding, evidence={**finding.evidence, "status": "pending"})
    world.findings.rows.clear()
    await world.findings.note(moved, at=world.clock.now())
    world.advance(QUARTER)

    with pytest.raises(PlanChanged) as refused:
        await repair(world, moved)

    assert world.held() == {GHOST}
    (known,) = await world.findings.open(limit=9)
    assert known.finding == finding
    assert refused.value.now == finding.plan
    assert (await repair(world, known.finding))[0] is Outcome.REPAIRED


async def test_what_somebody_mended_meanwhile_is_over() -> None:
    world = World()
    await stray_spot(world)
    finding = await shown(world)
    await world.programs.release_spot(CHOIR, GHOST)
    world.advance(QUARTER)

    assert await repair(world, finding) == (Outcome.NO_LONGER_SO, None)
    assert await open_ids(world) == []


async def test_what_only_a_human_can_mend_is_left_alone() -> None:
    world = World()
    world.programs.drift[CHOIR] = 7
    finding = await shown(world)
    assert finding.kind is FindingKind.COUNTER_DRIFT

    assert await repair(world, finding) == (Outcome.FOR_A_HUMAN, None)

    assert world.programs.drift[CHOIR] == 7
    assert await open_ids(world) == [finding.id]


async def test_nobody_mends_what_was_never_found() -> None:
    world = World()
    with pytest.raises(FindingNotFound):
        await repair(world, Finding.of(FindingKind.STRAY_SPOT, "choir/none"))
    assert world.audit.entries == []


async def test_what_cannot_be_looked_at_is_not_mended() -> None:
    world = World()
    world.payments.plant(a_session(id=SessionId("cs_stray"), purchase_id=GHOST))
    finding = await shown(world)
    world.payments.lose_request("get_session")

    with pytest.raises(PaymentGatewayUnavailable):
        await repair(world, finding)

    assert await open_ids(world) == [finding.id]


async def test_it_is_written_down_before_anything_is_done() -> None:
    world = World()
    await stray_spot(world)
    finding = await shown(world)

    async def die() -> None:
        raise Crash

    world.gate.once("after audit.note", die)
    with pytest.raises(Crash):
        await repair(world, finding)

    assert world.held() == {GHOST}
    assert len(world.audit.entries) == 1
