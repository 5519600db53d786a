"""What an admin does by hand, and what is written down of it."""

import asyncio
from dataclasses import replace

import pytest

from application.act_on_purchase import Act, ActCommand
from application.deliver_mail import LEASE
from application.ports.purchases import AdminAct, PurchaseNotFound
from application.ports.storage import StorageUnavailable
from application.resend_confirmation import CannotResend
from domain.ids import PurchaseId
from domain.outbox import TRIES_MAX, MailState, OutgoingMail
from domain.purchase import CannotCancel, ClosedReason, Purchase, Status
from domain.refunding import NotRefundable, RefundTooLarge
from domain.refunds import ExtraPaymentState
from tests.application.test_extra_refunds import late_money
from tests.application.world import World, session_of
from tests.examples import GRACE
from tests.fakes.turnstile import Crash

WHY = "the buyer called"


async def act(
    world: World, what: Act, purchase: Purchase, *, amount: int | None = None
) -> Purchase:
    command = ActCommand(
        act=what, purchase_id=purchase.id, admin="root", reason=WHY, amount=amount
    )
    return await world.service.act_on_purchase()(command)


def mail_of(world: World, purchase: Purchase) -> OutgoingMail:
    mail = world.row(purchase).confirmation
    assert mail is not None
    return mail


@pytest.mark.parametrize("what", list(Act))
async def test_every_act_is_written_down_before_it_is_done(what: Act) -> None:
    world = World()
    purchase = await world.bought()
    await world.deliver_mail()

    async def die() -> None:
        raise Crash

    world.gate.once("after audit.note", die)
    with pytest.raises(Crash):
        await act(world, what, purchase)

    noted = AdminAct(what=what.value, by="admin root", why=WHY, at=world.clock.now())
    assert world.store.acts == [(purchase.id, noted)]
    (entry,) = world.audit.entries
    assert (entry.what, entry.by, entry.why) == (what.value, "admin root", WHY)
    assert (entry.subject, entry.at) == (f"purchase/{purchase.id}", noted.at)
    assert world.row(purchase).status is Status.COMPLETED
    assert mail_of(world, purchase).state is MailState.SENT


@pytest.mark.parametrize("what", list(Act))
async def test_nobody_acts_on_what_is_not_there(what: Act) -> None:
    command = ActCommand(
        act=what, purchase_id=PurchaseId("none"), admin="root", reason=WHY
    )
    with pytest.raises(PurchaseNotFound):
        await World().service.act_on_purchase()(command)


# --- Resending ----------------------------------------------------------------------


async def test_a_mail_that_was_given_up_goes_on_under_its_own_id() -> None:
    world = World()
    purchase = await world.bought()
    world.mailer.refuse(TRIES_MAX)
    for _ in range(TRIES_MAX):
        await world.deliver_mail()
        world.advance(LEASE * 1_000)
    dead = mail_of(world, purchase)
    assert dead.state is MailState.DEAD

    await act(world, Act.RESEND_CONFIRMATION, purchase)

    assert await world.deliver_mail() == 1
    assert world.mailer.message_ids == [dead.message_id]
    assert mail_of(world, purchase).state is MailState.SENT


async def test_a_mail_that_was_sent_is_sent_again_under_an_id_of_its_own() -> None:
    world = World()
    purchase = await world.bought()
    await world.deliver_mail()
    bells = world.bell.rung

    await act(world, Act.RESEND_CONFIRMATION, purchase)

    assert world.bell.rung == bells + 1
    assert await world.deliver_mail() == 1
    first, second = world.mailer.message_ids
    assert first != second
    assert second.startswith(f"<confirm.{purchase.id}.")


async def test_two_admins_at_once_send_one_copy() -> None:
    world = World()
    purchase = await world.bought()
    await world.deliver_mail()

    told = await asyncio.gather(
        *(act(world, Act.RESEND_CONFIRMATION, purchase) for _ in range(2)),
        return_exceptions=True,
    )

    assert [type(answer) for answer in told].count(CannotResend) == 1
    assert await world.deliver_mail() == 1
    assert await world.deliver_mail() == 0


@pytest.mark.parametrize("state", [MailState.DUE, MailState.LEASED])
async def test_what_is_on_its_way_is_not_asked_for_again(state: MailState) -> None:
    world = World()
    purchase = await world.bought()
    if state is MailState.LEASED:
        before = mail_of(world, purchase)
        leased = before.lease(by="two", until=world.clock.now() + LEASE)
        await world.outbox.swap(purchase.id, before, leased)
    before = mail_of(world, purchase)

    with pytest.raises(CannotResend, match="on its way"):
        await act(world, Act.RESEND_CONFIRMATION, purchase)

    assert mail_of(world, purchase) == before


async def test_what_was_never_completed_owes_no_confirmation() -> None:
    world = World()
    purchase = (await world.check_out()).purchase

    with pytest.raises(CannotResend, match="never completed"):
        await act(world, Act.RESEND_CONFIRMATION, purchase)


async def test_a_mail_that_never_stands_still_is_left_alone() -> None:
    world = World()
    purchase = await world.bought()
    await world.deliver_mail()

    async def move() -> None:
        mail = mail_of(world, purchase)
        moved = OutgoingMail(
            message_id=mail.message_id + "x", until=mail.until, state=MailState.SENT
        )
        world.store.put(replace(world.row(purchase), confirmation=moved))

    for _ in range(3):
        world.gate.once("before outbox.swap", move)
    with pytest.raises(StorageUnavailable):
        await act(world, Act.RESEND_CONFIRMATION, purchase)


# --- Refunding, cancelling, reconciling ---------------------------------------------


async def test_a_part_is_given_back_long_after_the_window() -> None:
    world = World()
    purchase = await world.bought()
    world.advance(LEASE * 100_000)

    await act(world, Act.REFUND, purchase, amount=1_500)

    (row,) = world.row(purchase).refunds
    assert (row.amount.amount, row.by) == (1_500, "admin root")
    assert row.reason == "requested_by_admin"  # what the buyer sees
    assert world.row(purchase).status is Status.COMPLETED
    assert (await act(world, Act.REFUND, purchase)).status is Status.REFUNDED
    assert world.row(purchase).refunded_amount == 8_000


async def test_no_admin_gives_back_more_than_was_paid() -> None:
    world = World()
    purchase = await world.bought()

    with pytest.raises(RefundTooLarge):
        await act(world, Act.REFUND, purchase, amount=8_001)
    with pytest.raises(NotRefundable):
        await act(world, Act.REFUND, (await world.check_out(GRACE)).purchase)


async def test_an_admin_cancels_what_is_not_paid_and_nothing_else() -> None:
    world = World()
    purchase = (await world.check_out(as_class_rep=True)).purchase

    closed = await act(world, Act.CANCEL, purchase)

    assert closed.closed_reason is ClosedReason.CANCELLED
    assert world.is_cancelled(purchase)
    assert {by for _, _, by in world.store.log[-2:]} == {"admin root"}
    with pytest.raises(CannotCancel):
        await act(world, Act.CANCEL, await world.bought())


async def test_an_admin_need_not_wait_for_the_next_round() -> None:
    world = World()
    purchase = (await world.check_out()).purchase
    world.payments.pay(session_of(purchase))

    assert (await act(world, Act.RECONCILE, purchase)).status is Status.COMPLETED
    assert (await act(world, Act.RECONCILE, purchase)).status is Status.COMPLETED


async def test_reconciling_by_hand_sends_what_is_owed() -> None:
    world = World()
    purchase, intent = await late_money(world)

    await act(world, Act.RECONCILE, purchase)

    assert world.row(purchase).extra_payments[0].state is ExtraPaymentState.DONE
    assert world.refunds.given_back(intent) == 8_000
