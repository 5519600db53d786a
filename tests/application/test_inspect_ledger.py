"""A day that differed is a finding for as long as it differs."""

from datetime import timedelta

from application.find_differences import REACH, Differences
from domain.findings import Finding
from domain.purchase import Purchase
from tests.application.test_keep_ledger import DAY, HOUR, TODAY, keep, lose_the_row
from tests.application.world import World


async def found(world: World, *, reach: timedelta = 30 * DAY) -> list[Finding]:
    differences: Differences = await world.service.differences().find_differences()(
        reach=reach
    )
    assert differences.unseen == {}
    kind = "ledger_difference"
    return [each for each in differences.findings if each.kind.value == kind]


async def lost(world: World) -> Purchase:
    purchase = await lose_the_row(world)
    await keep(world, after=DAY)
    return purchase


async def test_a_day_that_differs_is_a_finding_with_the_names() -> None:
    world = World()
    purchase = await lost(world)

    (finding,) = await found(world)

    assert finding.subject == TODAY.isoformat()
    assert finding.evidence["difference_usd"] == 8_000
    assert finding.evidence["items"] == 1
    assert str(finding.evidence["item_0"]).endswith(purchase.id)
    assert finding.wants_a_human


async def test_what_was_mended_is_no_finding_from_its_next_check_on() -> None:
    world = World()
    purchase = await lost(world)
    (finding,) = await found(world)
    find = world.service.differences().find_differences()
    assert await find.again(finding, reach=REACH) == finding

    world.store.rows[purchase.id] = purchase
    await keep(world, after=HOUR)

    assert await found(world) == []
    assert await find.again(finding, reach=REACH) is None


async def test_only_days_within_reach_are_looked_at() -> None:
    world = World()
    await lost(world)

    assert len(await found(world, reach=DAY)) == 1
    assert await found(world, reach=timedelta(minutes=1)) == []
