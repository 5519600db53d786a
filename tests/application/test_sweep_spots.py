from datetime import timedelta

from domain.ids import ProgramId, PurchaseId
from domain.purchase import Status
from tests.application.world import World
from tests.examples import a_program, a_purchase


async def holding(world: World, name: str, status: Status) -> PurchaseId:
    """Store a purchase of its own program, and let it hold a spot there."""
    world.offer(a_program(id=ProgramId(name)))
    purchase = a_purchase(status, as_class_rep=True, id=PurchaseId(name), session=None)
    world.store.rows[purchase.id] = purchase
    await world.programs.reserve_spot(ProgramId(name), purchase.id, limit=10)
    return purchase.id


async def test_only_what_is_over_gives_its_spot_back() -> None:
    world = World()
    for status in Status:
        await holding(world, status.value, status)
    world.advance(timedelta(days=365))

    assert await world.service.sweep_spots()() == 2

    held = {id_ for ids in world.programs.holders.values() for id_ in ids}
    assert held == {status.value for status in Status} - {"closed", "refunded"}
    assert await world.service.sweep_spots()() == 0


async def test_a_spot_of_a_purchase_that_nobody_knows_is_left_alone() -> None:
    world = World()
    await world.programs.reserve_spot(ProgramId("choir"), PurchaseId("?"), limit=10)

    assert await world.service.sweep_spots()() == 0
    assert world.held() == {"?"}


async def test_more_programs_than_one_page_are_all_swept() -> None:
    world = World()
    for number in range(101):
        await holding(world, f"program-{number}", Status.CLOSED)

    assert await world.service.sweep_spots()() == 101
