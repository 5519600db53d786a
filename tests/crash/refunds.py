"""Scripts of money that goes back, or that a bank takes into question."""

from application.ports.payment_events import EventKind
from application.request_refund import RequestRefundCommand
from domain.disputes import DisputeState
from domain.purchase import Purchase
from domain.refunding import RefundReport, RefundStatus
from entrypoints.use_cases import UseCases
from tests.application.world import World, intent_of, session_of
from tests.crash.payments import cancelled, opened, paid_late, telling
from tests.crash.script import Act, script
from tests.examples import a_program, usd

PART = 1_000


async def bought(world: World) -> Purchase:
    purchase = await world.bought(as_class_rep=True)
    await world.deliver_mail()
    return purchase


def asking(purchase: Purchase, *, amount: int | None = None) -> Act:
    """Ask as the buyer does; for a part, as an admin does."""
    command = RequestRefundCommand(
        purchase_id=purchase.id,
        buyer_id=purchase.buyer.id if amount is None else None,
        amount=amount,
    )
    return lambda service: service.request_refund()(command)


def arrive(world: World) -> None:
    """Let every refund under way arrive."""
    for refund in list(world.refunds.refunds.values()):
        if refund.status is RefundStatus.PENDING:
            world.refunds.settle(refund.id, RefundStatus.SUCCEEDED)
    world.refunds.begin_as = RefundStatus.SUCCEEDED


def fail(world: World) -> None:
    """Let every refund under way come to nothing."""
    for refund in list(world.refunds.refunds.values()):
        if refund.status is RefundStatus.PENDING:
            world.refunds.settle(refund.id, RefundStatus.FAILED)
    world.refunds.begin_as = RefundStatus.FAILED


def last_refund(world: World) -> RefundReport:
    return list(world.refunds.refunds.values())[-1]


# --- Asked for ----------------------------------------------------------------


@script(
    "request_refund",
    "completed, spot; mails 1",
    "refunded, refund done 5000; back 5000; mails 1",
    points=10,
)
async def a_buyer_wants_the_money_back(world: World) -> Act:
    return asking(await bought(world))


@script(
    "request_refund",
    "completed, spot; mails 1",
    "refunded, refund done 5000; back 5000; mails 1",
    points=8,
    then=arrive,
)
@script(
    "request_refund",
    "completed, refund failed 5000, spot; mails 1",
    "completed, spot; mails 1",
    points=8,
    then=fail,
)
async def a_buyer_wants_it_back_and_the_bank_is_slow(world: World) -> Act:
    purchase = await bought(world)
    world.refunds.begin_as = RefundStatus.PENDING
    return asking(purchase)


@script(
    "request_refund",
    "completed, refund done 1000, refund done 1000, spot; back 2000; mails 1",
    "completed, refund done 1000, spot; back 1000; mails 1",
    "completed, spot; mails 1",
    points=8,
)
async def an_admin_gives_back_a_part(world: World) -> Act:
    return asking(await bought(world), amount=PART)


@script("request_refund", "completed, spot; mails 1", "refunded; mails 1", points=6)
async def what_was_free_is_given_back(world: World) -> Act:
    world.offer(a_program(class_rep_discount=usd(10_000)))
    purchase = await opened(world)
    await world.deliver_mail()
    return asking(purchase)


@script(
    "request_refund",
    "refunded, refund done 5000, refund refused 5000; back 5000; mails 1",
    "refunded, refund done 5000; back 5000; mails 1",
    points=12,
)
async def what_was_given_back_by_hand_is_asked_for(world: World) -> Act:
    purchase = await bought(world)
    world.refunds.refund_outside(intent_of(purchase))
    return asking(purchase)


# --- Driven -------------------------------------------------------------------


async def driving(service: UseCases) -> int:
    return await service.drive_owing()()


@script("drive_owing", "refunded, refund done 5000; back 5000; mails 1", points=16)
async def driving_a_refund_that_was_not_sent(world: World) -> Act:
    purchase = await bought(world)
    world.payments.lose_request("create_refund")
    await world.ask_refund(purchase)
    return driving


@script("drive_owing", "refunded, refund done 5000; back 5000; mails 1", points=14)
async def driving_a_refund_whose_answer_was_lost(world: World) -> Act:
    purchase = await bought(world)
    world.payments.lose_answer("create_refund")
    await world.ask_refund(purchase)
    return driving


@script("drive_owing", "refunded, refund done 5000; back 5000; mails 1", points=14)
async def driving_a_refund_under_way(world: World) -> Act:
    purchase = await bought(world)
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(purchase)
    arrive(world)
    return driving


@script("drive_owing", "completed, refund failed 5000, spot; mails 1", points=12)
async def driving_a_refund_that_failed_in_silence(world: World) -> Act:
    purchase = await bought(world)
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(purchase)
    fail(world)
    return driving


@script("drive_owing", "closed (cancelled), extra done 5000; back 5000", points=18)
async def driving_late_money(world: World) -> Act:
    await world.tell(paid_late(world, await cancelled(world)))
    return driving


@script(
    "drive_owing",
    "closed (cancelled), extra done 5000; back 5000",
    points=18,
    then=arrive,
)
async def driving_late_money_to_a_slow_bank(world: World) -> Act:
    await world.tell(paid_late(world, await cancelled(world)))
    world.refunds.begin_as = RefundStatus.PENDING
    return driving


# --- Told ---------------------------------------------------------------------


@script("receive_event", "refunded, refund done 5000; back 5000; mails 1", points=6)
async def word_of_a_refund_in_the_dashboard(world: World) -> Act:
    report = world.refunds.refund_outside(intent_of(await bought(world)))
    return telling(world, report, EventKind.REFUND_CREATED)


@script("receive_event", "refunded, refund done 5000; back 5000; mails 1", points=16)
async def word_of_a_refund_before_word_of_its_payment(world: World) -> Act:
    paid = world.payments.pay(session_of(await opened(world)))
    report = world.refunds.refund_outside(paid.payment_intent or "")
    return telling(world, report, EventKind.REFUND_CREATED)


@script(
    "receive_event", "completed, refund done 1000, spot; back 1000; mails 1", points=6
)
async def word_of_a_charge_of_which_a_part_went_back(world: World) -> Act:
    intent = intent_of(await bought(world))
    world.refunds.refund_outside(intent, PART)
    return telling(world, world.refunds.charge(intent), EventKind.CHARGE_REFUNDED)


@script("receive_event", "refunded, refund done 5000; back 5000; mails 1", points=6)
async def word_that_our_refund_arrived(world: World) -> Act:
    purchase = await bought(world)
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(purchase)
    arrive(world)
    return telling(world, last_refund(world), EventKind.REFUND_UPDATED)


@script("receive_event", "completed, refund failed 5000, spot; mails 1", points=4)
async def word_that_our_refund_failed(world: World) -> Act:
    purchase = await bought(world)
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(purchase)
    fail(world)
    return telling(world, last_refund(world), EventKind.REFUND_FAILED)


@script(
    "receive_event",
    "refunded, refund done 5000, refund failed 5000; back 5000; mails 1",
    points=6,
)
async def word_that_a_refund_came_back(world: World) -> Act:
    purchase = await bought(world)
    await world.ask_refund(purchase)
    failed = world.refunds.settle(last_refund(world).id, RefundStatus.FAILED)
    return telling(world, failed, EventKind.REFUND_FAILED)


@script("receive_event", "completed, dispute needs_response, spot; mails 1", points=4)
async def word_of_a_dispute(world: World) -> Act:
    report = world.refunds.dispute(intent_of(await bought(world)))
    return telling(world, report, EventKind.DISPUTE_CREATED)


@script("receive_event", "refunded, dispute lost; mails 1", points=6)
async def word_of_a_dispute_that_was_lost(world: World) -> Act:
    opening = world.refunds.dispute(intent_of(await bought(world)))
    lost = world.refunds.move_dispute(opening.dispute.id, DisputeState.LOST)
    return telling(world, lost, EventKind.DISPUTE_CLOSED)


@script("receive_event", "completed, dispute needs_response, spot; mails 1", points=14)
async def word_of_a_dispute_before_word_of_its_payment(world: World) -> Act:
    paid = world.payments.pay(session_of(await opened(world)))
    report = world.refunds.dispute(paid.payment_intent or "")
    return telling(world, report, EventKind.DISPUTE_CREATED)


@script(
    "receive_event",
    "refunded, refund done 5000, dispute won; back 5000; mails 1",
    points=4,
)
async def word_of_a_won_dispute_that_kept_a_refund_waiting(world: World) -> Act:
    purchase = await bought(world)
    world.payments.lose_request("create_refund")
    await world.ask_refund(purchase)
    opening = world.refunds.dispute(intent_of(purchase))
    await world.tell(opening, EventKind.DISPUTE_CREATED)
    won = world.refunds.move_dispute(opening.dispute.id, DisputeState.WON)
    return telling(world, won, EventKind.DISPUTE_CLOSED)
