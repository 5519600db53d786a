"""Reconcile's first half: what is not as it should be, and nothing else."""

from collections.abc import AsyncGenerator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from application.find_differences import (
    FINDINGS_MAX,
    REACH,
    Differences,
    FindDifferences,
)
from application.inspection import Scope
from application.ports.payment_events import EventKind
from application.ports.survey import SurveyedPurchase, UnreadablePurchase
from domain.findings import Finding, FindingKind
from domain.ids import ProgramId, PurchaseId, SessionId
from domain.purchase import Purchase, Status
from domain.transitions import MarkReserved
from entrypoints.simulation.outside.survey import InMemorySurvey
from tests.application.world import World, intent_of, session_of
from tests.examples import CHOIR, GRACE, a_paid_session, a_purchase, a_session

HALF_AN_HOUR = timedelta(minutes=30)
GHOST = PurchaseId("ghost")
LISTS = ("sessions", "refunds", "disputes")


async def differences(
    world: World, *, after: timedelta = HALF_AN_HOUR, reach: timedelta | None = None
) -> Differences:
    world.advance(after)
    find = world.service.differences().find_differences()
    return await (find() if reach is None else find(reach=reach))


async def kinds(world: World, *, after: timedelta = HALF_AN_HOUR) -> list[str]:
    found = await differences(world, after=after)
    assert found.unseen == {}
    return [finding.kind.value for finding in found.findings]


def rep(world: World, name: str, status: Status) -> Purchase:
    """Let a class rep be there, without the spot that may belong to it."""
    purchase = a_purchase(status, as_class_rep=True, id=PurchaseId(name), session=None)
    world.store.rows[purchase.id] = purchase
    return purchase


async def test_a_world_in_order_has_no_differences() -> None:
    world = World()
    await world.bought(as_class_rep=True)
    await world.cancel((await world.check_out(GRACE, as_class_rep=True)).purchase)

    assert await kinds(world, after=timedelta(days=3)) == []


async def test_what_is_young_is_still_being_worked_on() -> None:
    world = World()
    answer = await world.check_out()
    world.payments.pay(session_of(answer.purchase))

    assert await kinds(world, after=timedelta(minutes=9)) == []
    assert await kinds(world, after=timedelta(minutes=1)) == ["paid_unknown"]


async def test_each_kind_of_lost_money_and_open_page_is_found() -> None:
    world = World()
    answer = await world.check_out()
    closed = await world.cancel(answer.purchase)
    for name, session in {
        "cs_late": a_paid_session(purchase_id=closed.id),
        "cs_open": a_session(purchase_id=closed.id),
        "cs_lost": a_paid_session(purchase_id=GHOST),
        "cs_stray": a_session(purchase_id=GHOST),
    }.items():
        world.payments.plant(
            replace(session, id=SessionId(name), payment_intent=f"pi_{name}")
        )

    found = {f.subject: f.kind for f in (await differences(world)).findings}

    assert found == {
        "cs_late": "double_paid",
        "cs_open": "orphan_session",
        "cs_lost": "orphan_payment",
        "cs_stray": "stray_session",
    }


async def test_refunds_and_disputes_that_nobody_told_of_are_found() -> None:
    world = World()
    ada, grace = await world.bought(), await world.bought(GRACE)
    refund = world.refunds.refund_outside(intent_of(ada))
    dispute = world.refunds.dispute(intent_of(grace))

    assert await kinds(world, after=timedelta(minutes=9)) == []
    found = await differences(world, after=timedelta(minutes=1))
    assert {f.subject: f.kind for f in found.findings} == {
        refund.id: "refunded_but_active",
        dispute.dispute.id: "unknown_dispute",
    }

    find = world.service.differences().find_differences()
    for finding in found.findings:
        assert await find.again(finding, reach=REACH) == finding
    await world.tell(refund, EventKind.REFUND_CREATED)
    await world.tell(dispute, EventKind.DISPUTE_CREATED)
    for finding in found.findings:
        assert await find.again(finding, reach=REACH) is None


async def test_refunds_of_payments_that_are_none_of_ours_are_left_alone() -> None:
    world = World()
    others = world.payments.plant(a_paid_session(app="another"))
    assert others.payment_intent is not None
    world.refunds.refund_outside(others.payment_intent)

    assert await kinds(world) == []


async def test_sessions_of_others_are_none_of_ours() -> None:
    world = World()
    world.payments.plant(a_paid_session(app="another"))

    assert await kinds(world) == []


async def test_a_session_that_does_not_name_its_purchase_is_known_by_its_id() -> None:
    world = World()
    bought = await world.bought()
    session = world.payments.sessions[session_of(bought)]
    world.payments.plant(replace(session, purchase_id=None))

    assert await kinds(world) == []


async def test_a_leaked_spot_is_found_once_its_release_is_overdue() -> None:
    world = World()
    over = rep(world, "over", Status.CLOSED)
    await world.programs.reserve_spot(CHOIR, over.id, limit=10)

    assert await kinds(world, after=timedelta(minutes=9)) == []
    assert await kinds(world, after=timedelta(minutes=1)) == ["leaked_spot"]


async def test_a_spot_that_nobody_knows_is_stray_at_once() -> None:
    world = World()
    await world.programs.reserve_spot(CHOIR, GHOST, limit=10)

    assert await kinds(world, after=timedelta(0)) == ["stray_spot"]


async def test_a_class_rep_without_a_spot_is_found() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    await world.programs.release_spot(CHOIR, bought.id)

    (finding,) = (await differences(world)).findings

    assert (finding.kind, finding.evidence["purchase_id"]) == (
        "missing_spot",
        bought.id,
    )


async def test_who_takes_a_spot_or_gives_it_back_meanwhile_is_not_missing_it() -> None:
    world = World()
    taking = rep(world, "taking", Status.CREATING)
    ending = rep(world, "ending", Status.COMPLETED)

    async def take() -> None:
        await world.programs.reserve_spot(CHOIR, taking.id, limit=10)
        await world.purchases.change(
            taking.id, MarkReserved(), at=world.clock.now(), by="test"
        )

    async def end() -> None:
        world.store.rows[ending.id] = replace(ending, status=Status.CLOSED)

    world.gate.once("before survey.live_reps", take)
    world.gate.once("after survey.spot_book", end)

    assert "missing_spot" not in await kinds(world, after=timedelta(minutes=1))


async def test_a_counter_that_drifted_is_found_and_never_recounted() -> None:
    """Hazard 80."""
    world = World()
    await world.bought(as_class_rep=True)
    world.programs.drift[CHOIR] = 2

    (finding,) = (await differences(world)).findings

    assert finding.kind == "counter_drift"
    assert (finding.evidence["counter"], finding.evidence["spots"]) == (3, 1)


async def test_more_than_one_batch_of_everything_is_seen() -> None:
    world = World()
    for number in range(250):
        stuck = a_purchase(Status.CLOSING, id=PurchaseId(f"p-{number}"))
        world.store.rows[stuck.id] = stuck
        program = replace(world.programs.stored[CHOIR], id=ProgramId(f"c-{number}"))
        world.offer(program)
        world.programs.drift[program.id] = 1
        world.payments.plant(a_session(id=SessionId(f"cs_{number}"), purchase_id=GHOST))

    found = await kinds(world)

    assert {kind: found.count(kind) for kind in set(found)} == {
        "stuck_phase": 250,
        "counter_drift": 250,
        "stray_session": 250,
    }


async def test_reading_writes_nothing_and_costs_so_many_trips() -> None:
    """A page and its end of each walk; its reps and its holders for each program."""
    world = World()
    bought = await world.bought(as_class_rep=True)
    stuck = a_purchase(Status.CLOSING, id=PurchaseId("stuck"), session=None)
    world.store.rows[stuck.id] = stuck
    rows = dict(world.store.rows)
    world.gate.forget()

    await differences(world)

    assert world.store.rows == rows
    assert world.held() == {bought.id}
    assert world.gate.calls == {
        "survey.restless": 2,
        "survey.spot_books": 2,
        "survey.among": 2,  # the holders, the sessions' purchases
        "survey.live_reps": 1,
        "ledger_days.unequal": 1,
        "event_log.held": 1,
        "orphans.open_orphans": 1,
        **{f"payments.{name}_since": 1 for name in LISTS},
    }


@dataclass(kw_only=True)
class Unreadable(InMemorySurvey):
    """A newer version wrote one of the rows."""

    odd: PurchaseId = GHOST

    async def among(self, purchase_ids: object) -> list[SurveyedPurchase]:
        found = await super().among(purchase_ids)  # type: ignore[arg-type]
        return [
            UnreadablePurchase(id=row.id, why="ValueError")
            if row.id == self.odd
            else row
            for row in found
        ]


async def test_the_spot_of_a_row_that_cannot_be_read_is_not_stray() -> None:
    world = World()
    world.survey = Unreadable(programs=world.programs, store=world.store)
    world.survey.odd = (await world.bought(as_class_rep=True)).id

    assert await kinds(world) == ["unreadable"]


async def test_a_session_of_the_other_mode_hides_no_other() -> None:
    world = World()
    world.payments.plant(a_paid_session(id=SessionId("cs_live"), livemode=True))
    world.payments.plant(a_session(id=SessionId("cs_stray"), purchase_id=GHOST))

    assert await kinds(world) == ["unreadable", "stray_session"]


@dataclass(frozen=True, kw_only=True)
class Stumbles:
    """Finds one difference, and then something goes wrong."""

    error: Exception | None = None
    number: int = 1
    name: str = "stumbles"

    @property
    def kinds(self) -> AbstractSet[FindingKind]:
        return {FindingKind.UNREADABLE}

    async def findings(self, _scope: Scope) -> AsyncGenerator[Finding, None]:
        for number in range(self.number):
            yield Finding.of(FindingKind.UNREADABLE, f"{number}")
        if self.error is not None:
            raise self.error

    async def again(self, _finding: Finding, _scope: Scope) -> Finding | None:
        return None


@pytest.mark.parametrize(
    ("stumbles", "why"),
    [
        (Stumbles(error=ZeroDivisionError()), "ZeroDivisionError"),
        (Stumbles(number=FINDINGS_MAX), "too_many_findings"),
    ],
)
async def test_an_inspection_that_stumbles_hides_no_other(
    stumbles: Stumbles, why: str
) -> None:
    world = World()
    await world.programs.reserve_spot(CHOIR, GHOST, limit=10)
    find = replace(
        world.service.differences().find_differences(),
        inspections=[stumbles, world.service.differences().inspect_spots()],
    )

    found = await find()

    assert found.unseen == {"stumbles": why}
    assert len(found.findings) == stumbles.number + 1
    assert found.hash != replace(found, unseen={}).hash


async def test_a_provider_that_falls_silent_is_said_to_be_unseen() -> None:
    world = World()
    world.payments.lose_request("sessions_since")
    rep(world, "missing", Status.COMPLETED)

    found = await differences(world)

    assert found.unseen == {"sessions": "payment_gateway_unavailable"}
    assert [each.kind for each in found.findings] == ["missing_spot"]


async def test_the_provider_is_asked_no_further_back_than_wanted() -> None:
    world = World()
    world.payments.plant(a_paid_session(purchase_id=GHOST))

    near = await differences(world, after=timedelta(days=3), reach=timedelta(days=2))
    far = await differences(world, after=timedelta(0), reach=timedelta(days=4))

    assert [len(near.findings), len(far.findings)] == [0, 1]


async def test_each_finding_is_found_again_by_itself_until_it_is_gone() -> None:
    world = World()
    closing = a_purchase(Status.CLOSING, id=PurchaseId("stuck"))
    world.store.rows[closing.id] = closing
    over = rep(world, "over", Status.CLOSED)
    await world.programs.reserve_spot(CHOIR, over.id, limit=10)
    world.payments.plant(a_session(id=SessionId("cs_stray"), purchase_id=GHOST))
    find: FindDifferences = world.service.differences().find_differences()
    found = await differences(world)
    assert len(found.findings) == 3

    for finding in found.findings:
        assert await find.again(finding, reach=REACH) == finding

    world.store.rows[closing.id] = replace(closing, status=Status.CLOSED)
    await world.programs.release_spot(CHOIR, over.id)
    await world.payments.expire_session(SessionId("cs_stray"))
    for finding in found.findings:
        assert await find.again(finding, reach=REACH) is None
