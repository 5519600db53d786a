from datetime import timedelta

from application.ports.metrics import Standing
from application.ports.payment_events import EventKind
from domain.ids import PurchaseId
from tests.application.world import World
from tests.examples import a_paid_session, a_refund_report

MINUTE = timedelta(minutes=1)


async def watch(world: World) -> Standing | None:
    await world.service.quarantine().watch_quarantine()()
    return world.metrics.held_events


async def test_what_is_held_is_counted_from_when_it_was_first_seen() -> None:
    world = World()
    assert await watch(world) == Standing()

    world.payments.plant(a_paid_session(purchase_id=PurchaseId("gone")))
    for _ in range(2):
        await world.tell(a_refund_report(), EventKind.REFUND_CREATED)
        world.advance(MINUTE)
    await world.event_log.give_up("evt_1", at=world.clock.now())

    assert await watch(world) == Standing(count=2, oldest=2 * MINUTE)
