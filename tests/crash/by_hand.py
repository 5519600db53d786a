"""Scripts of what an admin does by hand, and of the books."""

from datetime import timedelta

from application.act_on_program import ProgramAct, ProgramActCommand
from application.act_on_purchase import Act as Deed
from application.act_on_purchase import ActCommand
from application.change_program import ChangeProgramCommand
from domain.ids import ProgramId
from domain.program_changes import ProgramChanges
from domain.purchase import Purchase
from entrypoints.use_cases import UseCases
from tests.application.world import World, session_of
from tests.crash.payments import cancelled, opened, paid_late
from tests.crash.refunds import bought
from tests.crash.script import Act, script
from tests.examples import ADA, CHOIR, a_program


def doing(deed: Deed, purchase: Purchase) -> Act:
    command = ActCommand(
        act=deed, purchase_id=purchase.id, admin="grace", reason="asked by phone"
    )
    return lambda service: service.act_on_purchase()(command)


@script("act_on_purchase", "closed (cancelled)", "closed (expired)", points=16)
async def an_admin_cancels(world: World) -> Act:
    return doing(Deed.CANCEL, await opened(world))


@script(
    "act_on_purchase",
    "completed, spot; mails 1",
    "refunded, refund done 5000; back 5000; mails 1",
    points=14,
)
async def an_admin_refunds(world: World) -> Act:
    return doing(Deed.REFUND, await bought(world))


@script("act_on_purchase", "completed, spot; mails 1", points=10)
async def an_admin_reconciles_what_was_paid(world: World) -> Act:
    purchase = await opened(world)
    world.payments.pay(session_of(purchase))
    return doing(Deed.RECONCILE, purchase)


@script("anonymise_buyer", "closed (cancelled)", "closed (expired)", points=20)
async def a_buyer_who_has_not_paid_is_forgotten(world: World) -> Act:
    await opened(world)
    return lambda service: service.anonymise_buyer()(ADA.id)


@script("anonymise_buyer", "closed (cancelled)", points=8)
async def a_buyer_whose_purchase_is_over_is_forgotten(world: World) -> Act:
    await cancelled(world)
    return lambda service: service.anonymise_buyer()(ADA.id)


@script(
    "differences.reconcile", "closed (cancelled), extra done 5000; back 5000", points=88
)
async def an_operator_applies_a_plan(world: World) -> Act:
    """Late money that nobody told us of, and a spot that was not given back."""
    ended = await cancelled(world)
    await world.programs.reserve_spot(ended.program.id, ended.id, limit=10)
    paid_late(world, ended)
    world.advance(timedelta(hours=2))

    async def act(service: UseCases) -> None:
        reconcile = service.differences().reconcile()
        plan = await reconcile.plan()
        async for _ in reconcile.apply(plan.hash, by="operator"):
            pass

    return act


@script("keep_ledger", "completed, spot; mails 1", points=26)
async def keeping_the_ledger(world: World) -> Act:
    await bought(world)
    world.advance(timedelta(days=2))
    return lambda service: service.keep_ledger()()


@script("create_program", "", points=4)
async def an_admin_sets_up_a_program(_world: World) -> Act:
    program = a_program(id=ProgramId("orchestra"), title="Orchestra")
    return lambda service: service.create_program()(program)


@script("change_program", "pending, spot; open pages 1", "closed (expired)", points=6)
async def an_admin_lowers_a_limit(world: World) -> Act:
    await opened(world)
    command = ChangeProgramCommand(
        program_id=CHOIR,
        changes=ProgramChanges(class_rep_limit=1, full_price=90_000),
        by="admin grace",
        reason="a smaller hall",
    )
    return lambda service: service.change_program()(command)


@script("act_on_program", "pending, spot; open pages 1", "closed (expired)", points=6)
async def an_admin_pauses_sales(world: World) -> Act:
    await opened(world)
    command = ProgramActCommand(
        act=ProgramAct.PAUSE_SALES,
        program_id=CHOIR,
        by="admin grace",
        reason="the hall has to be checked",
    )
    return lambda service: service.act_on_program()(command)
