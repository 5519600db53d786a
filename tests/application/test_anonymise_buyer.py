"""Hazard 34: a buyer leaves, whatever they have begun or bought."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from application.act_on_purchase import Act
from application.ports.storage import StorageUnavailable
from application.resend_confirmation import CannotResend
from domain.anonymity import NOBODYS_EMAIL, Standing, standing_of
from domain.outbox import MailState
from domain.purchase import ClosedReason, Purchase, Status
from domain.refunding import RefundStatus
from domain.refunds import ExtraPaymentState
from tests.application.test_act_on_purchase import act
from tests.application.test_extra_refunds import late_money
from tests.application.world import World, session_of
from tests.examples import ADA, CHOIR, GRACE


async def anonymise(world: World) -> list[Standing]:
    return standings(await world.service.anonymise_buyer()(ADA.id))


def standings(found: Sequence[Purchase]) -> list[Standing]:
    return [standing_of(purchase) for purchase in found]


async def test_what_was_bought_stays_and_belongs_to_nobody() -> None:
    world = World()
    purchase = await world.bought(as_class_rep=True)
    other = await world.bought(GRACE)
    await world.deliver_mail()

    assert await anonymise(world) == [Standing.ANONYMISED]

    row = world.row(purchase)
    assert (row.status, row.paid) == (Status.COMPLETED, purchase.paid)
    assert row.buyer.email == NOBODYS_EMAIL
    assert ADA.email not in repr(row)
    assert world.held() == {purchase.id}
    assert world.row(other).buyer == GRACE


async def test_a_plan_says_what_would_happen_and_does_nothing() -> None:
    world = World()
    purchase = (await world.check_out()).purchase

    found = await world.service.anonymise_buyer().plan(ADA.id)

    assert standings(found) == [Standing.UNPAID]
    assert world.row(purchase) == purchase


async def test_what_is_unpaid_is_closed_and_then_belongs_to_nobody() -> None:
    world = World()
    purchase = (await world.check_out(as_class_rep=True)).purchase

    assert await anonymise(world) == [Standing.ANONYMISED]

    row = world.row(purchase)
    assert (row.status, row.closed_reason) == (Status.CLOSED, ClosedReason.CANCELLED)
    assert world.is_cancelled(purchase)


async def test_while_stripe_is_silent_it_waits() -> None:
    world = World()
    purchase = (await world.check_out()).purchase
    world.payments.lose_request("expire_session")

    assert await anonymise(world) == [Standing.UNPAID]
    assert world.row(purchase).buyer == ADA

    assert await anonymise(world) == [Standing.ANONYMISED]


async def test_who_paid_just_now_gets_a_confirmation_first() -> None:
    world = World()
    purchase = (await world.check_out()).purchase
    world.payments.pay(session_of(purchase))

    assert await anonymise(world) == [Standing.MAIL_DUE]
    assert world.row(purchase).status is Status.COMPLETED

    assert await world.deliver_mail() == 1
    assert await anonymise(world) == [Standing.ANONYMISED]


async def test_nobody_is_forgotten_before_their_mail_is_sent() -> None:
    world = World()
    purchase = await world.bought()

    assert await anonymise(world) == [Standing.MAIL_DUE]

    await world.deliver_mail()
    assert world.mailer.letters[0].to_email == ADA.email
    assert await anonymise(world) == [Standing.ANONYMISED]
    assert world.row(purchase).confirmation is not None


async def test_nobody_is_forgotten_while_money_is_on_its_way_to_them() -> None:
    world = World()
    purchase = await world.bought()
    await world.deliver_mail()
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(purchase)

    assert await anonymise(world) == [Standing.MONEY_UNDER_WAY]
    assert world.row(purchase).buyer == ADA


async def test_nobody_is_forgotten_whose_late_money_is_still_here() -> None:
    world = World()
    purchase, _ = await late_money(world)
    assert await anonymise(world) == [Standing.MONEY_UNDER_WAY]

    await world.drive(purchase)
    await world.deliver_mail()

    assert await anonymise(world) == [Standing.ANONYMISED]
    assert [notice.to_email for notice in world.mailer.notices] == [ADA.email]


async def test_a_second_time_is_like_the_first() -> None:
    world = World()
    purchase = await world.bought()
    await world.deliver_mail()
    await anonymise(world)
    row = world.row(purchase)

    assert await anonymise(world) == [Standing.ANONYMISED]

    assert world.row(purchase) == row


async def test_what_breaks_off_is_carried_on_by_the_next() -> None:
    world = World()
    await world.bought()
    await world.deliver_mail()
    world.gate.fail_once("after purchases.anonymise", StorageUnavailable())

    with pytest.raises(StorageUnavailable):
        await anonymise(world)

    assert await anonymise(world) == [Standing.ANONYMISED]


async def test_access_stays_and_no_second_place_is_sold() -> None:
    world = World()
    await world.bought()
    await world.deliver_mail()
    await anonymise(world)

    reason = await world.service.check_access()(ADA.id, CHOIR, is_admin=False)

    assert reason.has_access


async def test_a_mail_that_falls_due_later_is_told_to_a_human_and_sent_to_nobody() -> (
    None
):
    """Money comes back to a buyer who has no address any more."""
    world = World()
    purchase = await world.bought()
    await world.deliver_mail()
    await anonymise(world)
    letters = list(world.mailer.letters)
    world.alerts.sent.clear()

    await act(world, Act.REFUND, purchase)
    await world.deliver_mail()

    assert world.row(purchase).status is Status.REFUNDED
    assert world.mailer.letters == letters
    assert {notice.state for notice in world.row(purchase).notices} == {MailState.DEAD}
    assert set(world.alerts.codes) == {"mail_dead"}
    with pytest.raises(CannotResend, match="forgotten"):
        await act(world, Act.RESEND_CONFIRMATION, purchase)


async def test_nobody_is_forgotten_whose_money_would_not_go_back() -> None:
    world = World()
    purchase, _ = await late_money(world)
    (extra,) = world.row(purchase).extra_payments
    given_up = replace(extra, state=ExtraPaymentState.FAILED)
    world.store.rows[purchase.id] = replace(
        world.row(purchase), extra_payments=(given_up,)
    )

    assert await anonymise(world) == [Standing.MONEY_UNDER_WAY]
    assert world.row(purchase).buyer == ADA
