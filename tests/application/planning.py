"""Make a plan, and apply it."""

from dataclasses import replace
from datetime import timedelta

from application.find_differences import Differences
from application.reconcile import Reconcile, Repaired
from domain.checkout import CheckoutSession
from domain.ids import PurchaseId, SessionId
from domain.purchase import Purchase, Status
from tests.application.world import World
from tests.examples import a_purchase

HALF_AN_HOUR = timedelta(minutes=30)
GHOST = PurchaseId("ghost")
OPERATOR = "operator"


def reconcile(world: World) -> Reconcile:
    return world.service.differences().reconcile()


async def plan(world: World, *, after: timedelta = HALF_AN_HOUR) -> Differences:
    world.advance(after)
    return await reconcile(world).plan()


async def apply(world: World, plan_hash: str) -> list[Repaired]:
    results = reconcile(world).apply(plan_hash, by=OPERATOR)
    return [result async for result in results]


async def reconciled(world: World) -> dict[str, str]:
    """Make a plan, apply it, and return what became of each kind."""
    results = await apply(world, (await plan(world)).hash)
    return {str(result.finding.kind): str(result.outcome) for result in results}


async def is_in_order(world: World) -> bool:
    return (await plan(world, after=timedelta(0))).findings == ()


def rep(world: World, name: str, status: Status) -> Purchase:
    purchase = a_purchase(status, as_class_rep=True, id=PurchaseId(name), session=None)
    world.store.rows[purchase.id] = purchase
    return purchase


def plant(world: World, name: str, session: CheckoutSession) -> CheckoutSession:
    return world.payments.plant(
        replace(session, id=SessionId(name), payment_intent=f"pi_{name}")
    )
