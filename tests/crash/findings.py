"""Scripts of differences: kept, mended by hand, and requests that bear a name."""

from datetime import timedelta

from application.claim_key import Claim, NamedRequest
from application.ports.idempotency import KeptAnswer
from application.ports.payment_events import EventKind
from application.repair_finding import RepairFindingCommand
from application.replay_by_hand import ReplayCommand
from application.request_refund import RequestRefundCommand
from entrypoints.use_cases import UseCases
from tests.application.world import World
from tests.crash.jobs import HALF_AN_HOUR, a_stray_refund
from tests.crash.payments import cancelled, paid_late
from tests.crash.refunds import PART, bought
from tests.crash.script import Act, script

LATE_MONEY = "closed (cancelled), extra done 5000; back 5000"


async def late_money(world: World) -> None:
    """Let money come late, and nobody tell of it."""
    paid_late(world, await cancelled(world))
    world.advance(timedelta(hours=2))


async def keep(service: UseCases) -> int:
    return await service.differences().keep_findings()()


@script("differences.keep_findings", LATE_MONEY, points=34)
async def keeping_word_of_late_money(world: World) -> Act:
    await late_money(world)
    return keep


@script("differences.take_over_telling", LATE_MONEY, points=6)
async def another_tells_what_nobody_could_be_told(world: World) -> Act:
    await late_money(world)
    world.alerts.is_deaf = True
    await keep(world.service)
    world.alerts.is_deaf = False
    world.advance(HALF_AN_HOUR)
    return lambda service: service.differences().take_over_telling()()


@script("differences.repair_finding", LATE_MONEY, points=46)
async def an_admin_mends_a_finding(world: World) -> Act:
    await late_money(world)
    await keep(world.service)
    (known,) = await world.findings.open(limit=9)
    command = RepairFindingCommand(
        finding_id=known.finding.id,
        plan=known.finding.plan,
        admin="grace",
        reason="the buyer called",
    )
    return lambda service: service.differences().repair_finding()(command)


@script("differences.reconcile_one", LATE_MONEY, points=48)
async def an_operator_mends_one_purchase(world: World) -> Act:
    ended = await cancelled(world)
    paid_late(world, ended)
    world.advance(timedelta(hours=2))

    async def act(service: UseCases) -> None:
        reconcile = service.differences().reconcile_one()
        plan = await reconcile.plan(ended.id)
        async for _ in reconcile.apply(ended.id, plan.hash, by="operator"):
            pass

    return act


@script("quarantine.replay_by_hand", "", points=8)
async def an_admin_replays_a_held_event(world: World) -> Act:
    event = world.event(a_stray_refund(world), EventKind.REFUND_CREATED)
    await world.service.receive_event()(event)
    world.advance(HALF_AN_HOUR)
    command = ReplayCommand(event_id=event.id, admin="grace", reason="Stripe said so")
    return lambda service: service.quarantine().replay_by_hand()(command)


@script(
    "claim_key",
    "completed, refund done 1000, spot; back 1000; mails 1",
    "completed, spot; mails 1",
    points=18,
)
async def a_part_is_given_back_under_a_name(world: World) -> Act:
    """Asked for twice, as a caller does whose connection broke: it is one refund."""
    purchase = await bought(world)
    request = NamedRequest(
        caller="grace", route="refund", key="k-1", content=purchase.id.encode()
    )

    async def act(service: UseCases) -> None:
        for _ in range(2):
            claim = await service.claim_key()(request)
            if isinstance(claim, Claim):
                await refund_under(service, claim)

    async def refund_under(service: UseCases, claim: Claim) -> None:
        await service.request_refund()(
            RequestRefundCommand(
                purchase_id=purchase.id, buyer_id=None, amount=PART, name=claim.name
            )
        )
        answer = KeptAnswer(status=200, media_type="application/json", body=b"{}")
        await service.keep_answer()(claim, answer)

    return act
