"""Scripts of events about sessions, and of what finds out without them."""

from dataclasses import replace

from application.ports.payment_events import EventKind, EventObject
from domain.checkout import CheckoutSession, PaymentStatus, SessionStatus
from domain.ids import PurchaseId, SessionId
from domain.purchase import Purchase
from tests.application.world import World, session_of
from tests.crash.script import Act, script
from tests.crash.stage import LOST_SESSION
from tests.examples import a_paid_session


async def opened(world: World) -> Purchase:
    return (await world.check_out(as_class_rep=True)).purchase


async def cancelled(world: World) -> Purchase:
    purchase = await opened(world)
    await world.cancel(purchase)
    return purchase


def telling(world: World, subject: EventObject, kind: EventKind) -> Act:
    event = world.event(subject, kind)
    return lambda service: service.receive_event()(event)


def paid_late(world: World, purchase: Purchase) -> CheckoutSession:
    """Let money come for a page that was closed."""
    over = world.session(purchase)
    return world.payments.plant(
        replace(
            over,
            status=SessionStatus.COMPLETE,
            payment_status=PaymentStatus.PAID,
            payment_intent=f"pi_{over.id}",
        )
    )


def paid_for_what_is_lost(world: World) -> CheckoutSession:
    """Take money that is ours by its mark, for a purchase that is no longer there."""
    return world.payments.plant(
        a_paid_session(
            id=LOST_SESSION,
            purchase_id=PurchaseId("lost"),
            created_at=world.payments.now(),
        )
    )


@script("receive_event", "completed, spot; mails 1", points=2)
async def word_of_a_payment(world: World) -> Act:
    paid = world.payments.pay(session_of(await opened(world)))
    return telling(world, paid, EventKind.SESSION_COMPLETED)


@script("receive_event", "completed, spot; mails 1", points=4)
async def word_of_a_payment_that_is_known(world: World) -> Act:
    bought = await world.bought(as_class_rep=True)
    return telling(world, world.session(bought), EventKind.SESSION_COMPLETED)


@script("receive_event", "completed, spot; mails 1", points=6)
async def word_of_a_promise_to_pay(world: World) -> Act:
    purchase = await opened(world)
    promised = world.payments.pay_later(session_of(purchase))
    world.payments.clear_delayed(session_of(purchase))
    return telling(world, promised, EventKind.SESSION_COMPLETED)


@script("receive_event", "completed, spot; mails 1", points=2)
async def word_of_a_delayed_payment(world: World) -> Act:
    purchase = await opened(world)
    await world.tell(world.payments.pay_later(session_of(purchase)))
    arrived = world.payments.clear_delayed(session_of(purchase))
    return telling(world, arrived, EventKind.ASYNC_PAYMENT_SUCCEEDED)


@script("receive_event", "closed (failed)", points=6)
async def word_of_a_delayed_payment_that_failed(world: World) -> Act:
    purchase = await opened(world)
    await world.tell(world.payments.pay_later(session_of(purchase)))
    failed = world.payments.fail_delayed(session_of(purchase))
    return telling(world, failed, EventKind.ASYNC_PAYMENT_FAILED)


@script("receive_event", "closed (expired)", points=6)
async def word_of_a_page_that_expired(world: World) -> Act:
    ended = world.payments.expire_by_time(session_of(await opened(world)))
    return telling(world, ended, EventKind.SESSION_EXPIRED)


@script("receive_event", "closed (cancelled), extra done 5000; back 5000", points=6)
async def word_of_late_money(world: World) -> Act:
    paid = paid_late(world, await cancelled(world))
    return telling(world, paid, EventKind.SESSION_COMPLETED)


@script(
    "receive_event", "completed, extra done 5000, spot; back 5000; mails 1", points=6
)
async def word_of_a_second_payment(world: World) -> Act:
    bought = await world.bought(as_class_rep=True)
    second = world.payments.plant(
        replace(
            world.session(bought), id=SessionId("cs_second"), payment_intent="pi_second"
        )
    )
    return telling(world, second, EventKind.SESSION_COMPLETED)


@script("receive_event", "closed (failed), extra done 1; back 1", points=10)
async def word_of_a_wrong_amount(world: World) -> Act:
    paid = world.payments.pay(session_of(await opened(world)), 1)
    return telling(world, paid, EventKind.SESSION_COMPLETED)


@script("receive_event", "back 8000; orphan done 8000", points=7)
async def word_of_money_for_what_is_lost(world: World) -> Act:
    return telling(world, paid_for_what_is_lost(world), EventKind.SESSION_COMPLETED)
