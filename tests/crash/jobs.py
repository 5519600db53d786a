"""Scripts of what nobody asks for: the jobs."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from application.ports.payment_events import EventKind
from domain.ids import PurchaseId
from domain.refunding import RefundReport, RefundStatus
from tests.application.world import World, session_of
from tests.crash.payments import (
    cancelled,
    opened,
    paid_for_what_is_lost,
    paid_late,
)
from tests.crash.refunds import arrive
from tests.crash.script import Act, script
from tests.examples import a_refund_report
from tests.fakes.turnstile import Crash

HALF_AN_HOUR: Final = timedelta(minutes=30)


async def begun_until(world: World, moment: str) -> None:
    """Let a checkout die at a moment, and be forgotten for a while."""
    await opened(rehearsal := World())
    world.gate.crash_at(rehearsal.gate.moments.index(moment))
    with suppress(Crash):
        await opened(world)
    world.gate.crash_at(None)
    world.advance(HALF_AN_HOUR)


@script("drive_purchases", "completed, spot; mails 1", points=16)
async def driving_what_was_paid_in_silence(world: World) -> Act:
    world.payments.pay(session_of(await opened(world)))
    world.advance(HALF_AN_HOUR)
    return lambda service: service.drive_purchases()()


@script("drive_purchases", "closed (expired)", points=18)
async def driving_what_expired_in_silence(world: World) -> Act:
    world.payments.expire_by_time(session_of(await opened(world)))
    return lambda service: service.drive_purchases()()


@script("drive_purchases", "closed (expired)", points=16)
async def driving_what_never_got_its_spot(world: World) -> Act:
    await begun_until(world, "before programs.reserve_spot")
    return lambda service: service.drive_purchases()()


@script("drive_purchases", "closed (expired)", points=20)
async def driving_what_never_got_its_page(world: World) -> Act:
    await begun_until(world, "before payments.create_session")
    return lambda service: service.drive_purchases()()


@script("drive_purchases", "closed (expired)", points=24)
async def driving_what_never_saved_its_page(world: World) -> Act:
    await begun_until(world, "after payments.create_session")
    return lambda service: service.drive_purchases()()


@script("drive_purchases", "completed, spot; mails 1", points=22)
async def driving_a_page_that_nobody_saved_and_somebody_paid(world: World) -> Act:
    await begun_until(world, "after payments.create_session")
    world.payments.pay(world.sessions[0].id)
    return lambda service: service.drive_purchases()()


@script("drive_purchases", "closed (cancelled)", points=20)
async def driving_a_cancel_that_stripe_did_not_answer(world: World) -> Act:
    purchase = await opened(world)
    world.payments.lose_request("expire_session")
    await world.cancel(purchase)
    world.advance(HALF_AN_HOUR)
    return lambda service: service.drive_purchases()()


@script("listen_back", "closed (cancelled), extra done 5000; back 5000", points=34)
async def listening_to_late_money(world: World) -> Act:
    paid_late(world, await cancelled(world))
    return lambda service: service.listen_back()()


@script("listen_back", "back 8000; orphan done 8000", points=33)
async def listening_to_money_for_what_is_lost(world: World) -> Act:
    paid_for_what_is_lost(world)
    return lambda service: service.listen_back()()


@script("drive_orphans", "back 8000; orphan done 8000", points=15)
async def driving_money_for_what_is_lost(world: World) -> Act:
    await world.tell(paid_for_what_is_lost(world))
    world.advance(HALF_AN_HOUR)
    return lambda service: service.drive_orphans()()


@script("drive_orphans", "back 8000; orphan done 8000", points=15, then=arrive)
async def driving_money_for_what_is_lost_to_a_slow_bank(world: World) -> Act:
    await world.tell(paid_for_what_is_lost(world))
    world.refunds.begin_as = RefundStatus.PENDING
    world.advance(HALF_AN_HOUR)
    return lambda service: service.drive_orphans()()


@script("sweep_spots", "closed (cancelled)", points=10)
async def sweeping_what_has_ended(world: World) -> Act:
    ended = await cancelled(world)
    await world.programs.reserve_spot(ended.program.id, ended.id, limit=10)
    return lambda service: service.sweep_spots()()


@script("deliver_mail", "completed, spot; mails 1", points=12)
async def delivering_a_confirmation(world: World) -> Act:
    await world.bought(as_class_rep=True)
    return lambda service: service.deliver_mail()()


@script("deliver_mail", "refunded, refund done 5000; back 5000; mails 1", points=14)
async def delivering_word_of_a_refund(world: World) -> Act:
    purchase = await world.bought(as_class_rep=True)
    await world.deliver_mail()
    await world.ask_refund(purchase)
    return lambda service: service.deliver_mail()()


@script("receive_event", "", points=7)
async def word_of_a_refund_that_belongs_to_nothing(world: World) -> Act:
    """Ours by its mark, and no purchase names its payment: it is held."""
    event = world.event(a_stray_refund(world), EventKind.REFUND_CREATED)
    return lambda service: service.receive_event()(event)


@script("quarantine.retry_quarantined", "", points=12)
async def trying_a_held_event_again(world: World) -> Act:
    await world.tell(a_stray_refund(world), EventKind.REFUND_CREATED)
    world.advance(HALF_AN_HOUR)
    return lambda service: service.quarantine().retry_quarantined()()


def a_stray_refund(world: World) -> RefundReport:
    return a_refund_report(
        payment_intent="pi_stray",
        purchase_id=PurchaseId("lost"),
        app="spothold",
        environment="test",
        created_at=world.payments.now(),
    )
