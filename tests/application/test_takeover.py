"""What an instance leaves half done when it dies, another does within a minute."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import pytest

from application import claim_and_drive, claim_key, deliver_mail, tell_findings
from application.retry_quarantined import LONGEST_PAUSE
from domain.ids import PurchaseId, SessionId
from domain.orphans import GRACE
from domain.refunding import RefundStatus
from entrypoints.cli.serve import WORK_EVERY, reconcile_jobs
from entrypoints.http.background import PAUSE as BETWEEN_MAILS
from entrypoints.http.jobs import JITTER
from entrypoints.use_cases import UseCases
from tests.application.test_drive_purchases import OnTheDot
from tests.application.test_extra_refunds import late_money
from tests.application.test_keep_findings import stray_spot
from tests.application.test_retry_quarantined import lost, restore
from tests.application.world import World, session_of
from tests.examples import a_paid_session
from tests.fakes.turnstile import Crash

MINUTE = timedelta(minutes=1)
LEASE = claim_and_drive.LEASE
TAKERS: Final = {
    "drive orphans",
    "drive owing",
    "drive purchases",
    "retry events",
    "take over telling",
}

Drive = Callable[[UseCases], Awaitable[int]]


async def drive_purchases(service: UseCases) -> int:
    return await service.drive_purchases()()


async def drive_owing(service: UseCases) -> int:
    return await service.drive_owing()()


async def drive_orphans(service: UseCases) -> int:
    return await service.drive_orphans()()


async def die() -> None:
    raise Crash


async def unheard(world: World) -> None:
    """Let somebody pay and no webhook come."""
    purchase = (await world.check_out()).purchase
    world.payments.pay(session_of(purchase))
    world.advance(5 * MINUTE)


async def of_a_closed_one(world: World) -> None:
    """Let money come for a purchase that was closed."""
    await late_money(world)


async def of_nobody(world: World) -> None:
    """Let money come that no purchase names."""
    paid = a_paid_session(
        id=SessionId("cs_lost"), payment_intent="pi", purchase_id=PurchaseId("gone")
    )
    await world.tell(world.payments.plant(paid))
    world.advance(GRACE + MINUTE)


STORIES = pytest.mark.parametrize(
    ("begin", "drive", "amid"),
    [
        (unheard, drive_purchases, "after purchases.claim_drive"),
        (unheard, drive_purchases, "before payments.get_session"),
        (of_a_closed_one, drive_owing, "after purchases.claim_drive"),
        (of_a_closed_one, drive_owing, "before payments.create_refund"),
        (of_nobody, drive_orphans, "after orphans.claim_drive"),
        (of_nobody, drive_orphans, "before orphans.swap"),
    ],
)


@STORIES
async def test_what_died_amid_a_drive_is_taken_over_when_its_lease_ends(
    begin: Callable[[World], Awaitable[None]], drive: Drive, amid: str
) -> None:
    world = World()
    await begin(world)
    world.gate.once(amid, die)
    with pytest.raises(Crash):
        await drive(world.service)
    other = world.instance(worker="two")

    world.advance(LEASE - timedelta(seconds=1))
    assert await drive(other) == 0
    world.advance(timedelta(seconds=1))
    assert await drive(other) == 1


@pytest.mark.parametrize("amid", ["after event_log.claim", "before event_log.resolve"])
@pytest.mark.parametrize("tries", [0, 9])
async def test_a_held_event_that_somebody_died_of_is_taken_over_when_its_lease_ends(
    amid: str, tries: int
) -> None:
    world = World(randomness=OnTheDot())
    bought, _ = await lost(world)
    other = world.instance(worker="two").quarantine()
    for _ in range(tries):
        world.advance(LONGEST_PAUSE)
        assert await other.retry_quarantined()() == 0
    world.advance(LONGEST_PAUSE)
    restore(world, bought)
    world.gate.once(amid, die)
    with pytest.raises(Crash):
        await world.service.quarantine().retry_quarantined()()

    world.advance(LEASE - timedelta(seconds=1))
    assert await other.retry_quarantined()() == 0
    world.advance(timedelta(seconds=1))
    assert await other.retry_quarantined()() == 1


@pytest.mark.parametrize("tries", [0, 2])
async def test_a_held_event_that_failed_is_left_alone_for_its_whole_pause(
    tries: int,
) -> None:
    world = World(randomness=OnTheDot())
    bought, _ = await lost(world)
    for _ in range(tries + 1):
        world.advance(LONGEST_PAUSE)
        assert await world.service.quarantine().retry_quarantined()() == 0
    restore(world, bought)
    other = world.instance(worker="two").quarantine()

    world.advance(MINUTE * 2**tries - timedelta(seconds=1))
    assert await other.retry_quarantined()() == 0
    world.advance(timedelta(seconds=1))
    assert await other.retry_quarantined()() == 1


async def test_a_finding_somebody_died_telling_of_is_told_when_its_lease_ends() -> None:
    world = World()
    await stray_spot(world)
    world.gate.once("after findings.claim_telling", die)
    with pytest.raises(Crash):
        await world.service.differences().keep_findings()()
    other = world.instance(worker="two").differences()

    world.advance(LEASE - timedelta(seconds=1))
    assert await other.take_over_telling()() == 0
    world.advance(timedelta(seconds=1))
    assert await other.take_over_telling()() == 1
    assert world.alerts.codes == ["finding_stray_spot"]


@pytest.mark.parametrize("is_owed", [True, False])
async def test_what_was_driven_and_waits_is_left_alone_for_its_whole_pause(
    *, is_owed: bool
) -> None:
    world = World()
    drive = drive_orphans if is_owed else drive_purchases
    if is_owed:
        await of_nobody(world)
        world.refunds.begin_as = RefundStatus.PENDING
    else:
        await world.check_out()
        world.advance(5 * MINUTE)
    assert await drive(world.service) == 1
    other = world.instance(worker="two")

    world.advance(LEASE + timedelta(seconds=1))
    assert await drive(other) == 0
    world.advance(5 * MINUTE)
    assert await drive(other) == 1


def test_whoever_takes_over_looks_often_enough_for_a_minute() -> None:
    world = World()
    service = world.service
    service.usage.override(world.turns)  # not asked here
    service.storage_quota.override(0)
    every = {job.name: job.every for job in reconcile_jobs(service)}

    assert {name for name in every if every[name] == WORK_EVERY} == TAKERS
    assert LEASE + WORK_EVERY * (1 + JITTER) <= MINUTE
    assert tell_findings.LEASE == LEASE
    assert deliver_mail.LEASE + BETWEEN_MAILS <= MINUTE
    assert claim_key.LEASE <= MINUTE
