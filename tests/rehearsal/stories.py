"""What may have happened at the provider, each time with an event that nobody told."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from application.ports.payment_events import EventKind, PaymentEvent
from application.receive_event import EventOutcome
from domain.disputes import DisputeState
from domain.ids import PurchaseId, SessionId
from domain.refunding import RefundStatus
from tests.application.world import World, intent_of, session_of
from tests.examples import a_paid_session, a_refund_report

Story = Callable[[World], Awaitable[PaymentEvent]]


def latest(world: World, kind: EventKind) -> PaymentEvent:
    return [e for e in world.payments.events.values() if e.kind is kind][-1]


async def checked_out(world: World) -> SessionId:
    return session_of((await world.check_out(as_class_rep=True)).purchase)


async def paid(world: World) -> PaymentEvent:
    world.payments.pay(await checked_out(world))
    return latest(world, EventKind.SESSION_COMPLETED)


async def paid_too_little(world: World) -> PaymentEvent:
    world.payments.pay(await checked_out(world), 1)
    return latest(world, EventKind.SESSION_COMPLETED)


async def paid_after_it_was_closed(world: World) -> PaymentEvent:
    purchase = (await world.check_out(as_class_rep=True)).purchase
    await world.cancel(purchase)
    late = a_paid_session(
        id=session_of(purchase), purchase_id=purchase.id, amount_total=5_000
    )
    return world.payments.record(EventKind.SESSION_COMPLETED, late)


async def promised(world: World) -> PaymentEvent:
    world.payments.pay_later(await checked_out(world))
    return latest(world, EventKind.SESSION_COMPLETED)


async def arrived(world: World) -> PaymentEvent:
    session = await checked_out(world)
    await world.tell(world.payments.pay_later(session))
    world.payments.clear_delayed(session)
    return latest(world, EventKind.ASYNC_PAYMENT_SUCCEEDED)


async def never_arrived(world: World) -> PaymentEvent:
    session = await checked_out(world)
    await world.tell(world.payments.pay_later(session))
    world.payments.fail_delayed(session)
    return latest(world, EventKind.ASYNC_PAYMENT_FAILED)


async def expired(world: World) -> PaymentEvent:
    world.payments.expire_by_time(await checked_out(world))
    return latest(world, EventKind.SESSION_EXPIRED)


async def refunded_in_the_dashboard(world: World) -> PaymentEvent:
    bought = await world.bought(as_class_rep=True)
    world.refunds.refund_outside(intent_of(bought))
    return latest(world, EventKind.REFUND_CREATED)


async def refunded_in_part(world: World) -> PaymentEvent:
    bought = await world.bought()
    world.refunds.refund_outside(intent_of(bought), 1_000)
    return latest(world, EventKind.REFUND_CREATED)


async def refunded_before_the_payment_was_told(world: World) -> PaymentEvent:
    session = world.payments.pay(await checked_out(world))
    world.refunds.refund_outside(session.payment_intent or "")
    return latest(world, EventKind.REFUND_CREATED)


async def refund_succeeded(world: World) -> PaymentEvent:
    bought = await world.bought(as_class_rep=True)
    world.refunds.begin_as = RefundStatus.PENDING
    asked = await world.ask_refund(bought)
    world.refunds.settle(asked.refunds[0].stripe_id or "", RefundStatus.SUCCEEDED)
    return latest(world, EventKind.REFUND_UPDATED)


async def refund_failed_after_success(world: World) -> PaymentEvent:
    bought = await world.bought(as_class_rep=True)
    asked = await world.ask_refund(bought)
    world.refunds.settle(asked.refunds[0].stripe_id or "", RefundStatus.FAILED)
    return latest(world, EventKind.REFUND_FAILED)


async def charge_refunded(world: World) -> PaymentEvent:
    bought = await world.bought(as_class_rep=True)
    world.refunds.refund_outside(intent_of(bought))
    return latest(world, EventKind.CHARGE_REFUNDED)


async def disputed(world: World) -> PaymentEvent:
    world.refunds.dispute(intent_of(await world.bought(as_class_rep=True)))
    return latest(world, EventKind.DISPUTE_CREATED)


async def dispute_reviewed(world: World) -> PaymentEvent:
    opened = world.refunds.dispute(intent_of(await world.bought()))
    world.refunds.move_dispute(opened.dispute.id, DisputeState.UNDER_REVIEW)
    return latest(world, EventKind.DISPUTE_UPDATED)


async def dispute_lost(world: World) -> PaymentEvent:
    opened = world.refunds.dispute(intent_of(await world.bought(as_class_rep=True)))
    world.refunds.move_dispute(opened.dispute.id, DisputeState.LOST)
    return latest(world, EventKind.DISPUTE_CLOSED)


async def of_an_unknown_purchase(world: World) -> PaymentEvent:
    stray = a_paid_session(purchase_id=PurchaseId("gone"))
    return world.payments.record(EventKind.SESSION_COMPLETED, stray)


async def of_an_orphan(world: World) -> PaymentEvent:
    stray = world.payments.plant(a_paid_session(purchase_id=PurchaseId("gone")))
    await world.tell(stray)
    world.refunds.refund_outside("pi_1")
    return latest(world, EventKind.REFUND_CREATED)


async def of_an_unknown_payment(world: World) -> PaymentEvent:
    world.payments.plant(a_paid_session(purchase_id=PurchaseId("gone")))
    return world.payments.record(EventKind.REFUND_CREATED, a_refund_report())


async def held_and_applicable_now(world: World) -> PaymentEvent:
    event = await refunded_in_the_dashboard(world)
    (bought,) = world.rows
    del world.store.rows[bought.id]
    outcome = await world.service.receive_event()(event)
    assert outcome is EventOutcome.QUARANTINED
    world.store.rows[bought.id] = bought
    return event


async def applied_already(world: World) -> PaymentEvent:
    await world.bought()
    return latest(world, EventKind.SESSION_COMPLETED)


async def of_others(world: World) -> PaymentEvent:
    stranger = replace(a_paid_session(), app="another")
    return world.payments.record(EventKind.SESSION_COMPLETED, stranger)


# What each story's event changes, for purchase P and event E.
STORIES: Final[dict[Story, list[str]]] = {
    paid: [
        "purchase P: pending → completed (paid 50.00 USD)",
        "purchase P: mail due: confirmation",
        "purchase P: payer recorded",
    ],
    paid_too_little: [
        "purchase P: pending → closed (failed)",
        "purchase P: payment of 0.01 USD that must go back (wrong_amount): due",
        "program choir: spot of purchase P released",
    ],
    paid_after_it_was_closed: [
        "purchase P: payment of 50.00 USD that must go back (late): due",
    ],
    promised: ["purchase P: a delayed payment is under way"],
    arrived: [
        "purchase P: pending → completed (paid 50.00 USD)",
        "purchase P: mail due: confirmation",
        "purchase P: payer recorded",
    ],
    never_arrived: [
        "purchase P: pending → closed (failed)",
        "program choir: spot of purchase P released",
    ],
    expired: [
        "purchase P: pending → closed (expired)",
        "program choir: spot of purchase P released",
    ],
    refunded_in_the_dashboard: [
        "purchase P: completed → refunded",
        "purchase P: mail due: refund_done",
        "purchase P: refund re_1 of 50.00 USD: done",
        "program choir: spot of purchase P released",
    ],
    refunded_in_part: [
        "purchase P: mail due: refund_done",
        "purchase P: refund re_1 of 10.00 USD: done",
    ],
    refunded_before_the_payment_was_told: [
        "purchase P: pending → refunded (paid 50.00 USD)",
        "purchase P: mail due: confirmation",
        "purchase P: mail due: refund_done",
        "purchase P: refund re_1 of 50.00 USD: done",
        "purchase P: payer recorded",
        "program choir: spot of purchase P released",
    ],
    refund_succeeded: [
        "purchase P: refunding → refunded",
        "purchase P: mail due: refund_done",
        "purchase P: refund re_1 of 50.00 USD: sent → done",
        "program choir: spot of purchase P released",
    ],
    refund_failed_after_success: [
        "purchase P: mail due: refund_again",
        "purchase P: refund re_1 of 50.00 USD: done → failed",
        "purchase P: a refund of 50.00 USD: due",
    ],
    charge_refunded: [
        "purchase P: completed → refunded",
        "purchase P: mail due: refund_done",
        "purchase P: refund re_1 of 50.00 USD: done",
        "program choir: spot of purchase P released",
    ],
    disputed: ["purchase P: dispute dp_1 of 50.00 USD: needs_response"],
    dispute_reviewed: ["purchase P: dispute dp_1 of 80.00 USD: under_review"],
    dispute_lost: [
        "purchase P: completed → refunded",
        "purchase P: dispute dp_1 of 50.00 USD: lost",
        "program choir: spot of purchase P released",
    ],
    of_an_unknown_purchase: ["payment pi_1: an orphan of 80.00 USD recorded"],
    of_an_orphan: ["payment pi_1: an orphan of 80.00 USD: due → done"],
    of_an_unknown_payment: ["event E: held (unknown_payment)"],
    held_and_applicable_now: [
        "purchase P: completed → refunded",
        "purchase P: mail due: refund_done",
        "purchase P: refund re_1 of 50.00 USD: done",
        "program choir: spot of purchase P released",
        "event E: no longer held",
    ],
    applied_already: [],
    of_others: [],
}
