"""A buyer is told what happens to their money, by mails that no crash loses."""

from datetime import timedelta

import pytest

from application.ports.mail import NoticeLetter
from domain.outbox import MailState, NoticeKind
from domain.purchase import Purchase, Status
from domain.refunding import RefundStatus
from domain.refunds import ExtraReason
from tests.application.world import World, session_of
from tests.examples import ADA, GRACE, a_paid_session, a_program, usd
from tests.fakes.turnstile import Crash

LEASE = timedelta(seconds=45)


async def told(world: World) -> list[NoticeLetter]:
    """Deliver what is due, and return what was said about money."""
    await world.deliver_mail()
    letters = list(world.mailer.notices)
    world.mailer.notices.clear()
    return letters


async def late_money(world: World) -> Purchase:
    purchase = (await world.check_out()).purchase
    await world.cancel(purchase)
    late = a_paid_session(
        id=session_of(purchase), purchase_id=purchase.id, payment_intent="pi_late"
    )
    await world.tell(world.payments.plant(late))
    return purchase


def kinds(letters: list[NoticeLetter]) -> list[str]:
    return [letter.kind.value for letter in letters]


async def test_a_refund_is_told_when_it_is_asked_for_and_when_it_is_done() -> None:
    world = World()
    bought = await world.bought()
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(bought)

    (received,) = await told(world)
    assert received.kind is NoticeKind.REFUND_RECEIVED
    assert received.has_access

    (report,) = world.refunds.refunds.values()
    world.refunds.settle(report.id, RefundStatus.SUCCEEDED)
    await world.drive(bought)
    (done,) = await told(world)
    assert done.kind is NoticeKind.REFUND_DONE
    assert not done.has_access
    assert await told(world) == []


async def test_the_letter_says_how_much_goes_back_and_of_what() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    await world.ask_refund(bought)

    letter, _ = await told(world)

    row = world.row(bought).refunds[0]
    assert letter.message_id == f"<refund-received.{row.id}@mail.example>"
    assert (letter.to_email, letter.to_name) == (ADA.email, ADA.name)
    assert letter.order_number == bought.order_number
    assert (letter.program_title, letter.program_type) == ("Choir", "course")
    assert (letter.amount, letter.currency, letter.reason) == (5_000, "usd", None)
    assert letter.receipt_url == (
        f"https://spothold.example/dashboard/purchase-receipt/{bought.id}"
    )


async def test_a_failed_refund_is_told_and_access_is_kept() -> None:
    world = World()
    bought = await world.bought()
    world.refunds.begin_as = RefundStatus.FAILED
    await world.ask_refund(bought)

    letters = await told(world)

    assert kinds(letters) == ["refund_received", "refund_failed"]
    assert letters[1].has_access


async def test_whoever_paid_late_is_told_that_the_money_went_back() -> None:
    """Hazard 57: the purchase stays closed, and nobody has to ask."""
    world = World()
    purchase = await late_money(world)
    assert await told(world) == []

    await world.drive(purchase)

    (letter,) = await told(world)
    assert letter.kind is NoticeKind.MONEY_RETURNED
    assert letter.reason is ExtraReason.LATE
    assert (letter.amount, letter.currency) == (8_000, "usd")
    assert letter.to_email == ADA.email
    assert letter.receipt_url is None  # nothing was bought
    assert not letter.has_access
    assert world.row(purchase).status is Status.CLOSED


async def test_what_was_free_is_given_back_without_a_mail() -> None:
    world = World()
    world.offer(a_program(class_rep_discount=usd(10_000)))
    answer = await world.check_out(as_class_rep=True)
    await told(world)

    await world.ask_refund(answer.purchase)

    assert await told(world) == []


async def test_the_bell_rings_for_a_notice_and_for_nothing_else() -> None:
    world = World()
    bought = await world.bought()
    rung = world.bell.rung
    world.refunds.begin_as = RefundStatus.PENDING

    await world.ask_refund(bought)

    assert world.bell.rung == rung + 1  # received; that it was sent is no news


async def test_a_notice_that_cannot_be_sent_stops_no_other_mail() -> None:
    world = World()
    await world.ask_refund(await world.bought(ADA))
    await world.bought(GRACE)
    world.mailer.choke_on(ADA.email, ValueError("no such encoding"))

    assert await world.deliver_mail() == 1

    assert [letter.to_email for letter in world.mailer.letters] == [GRACE.email]
    named = [alert.facts["mail"] for alert in world.alerts.sent]
    assert named == ["confirmation", "refund_received", "refund_done"]


async def test_a_notice_that_is_refused_for_ever_is_left_to_a_human() -> None:
    world = World()
    bought = await world.bought()
    await world.deliver_mail()
    await world.ask_refund(bought)
    world.mailer.refuse(100)

    for _ in range(14):
        await world.deliver_mail()
        world.advance(timedelta(days=1))

    assert {n.state for n in world.row(bought).notices} == {MailState.DEAD}
    assert world.alerts.codes.count("mail_dead") == 2
    assert world.gate.calls["mailer.send_notice"] == 2 * 12


# Read, store, refund and record, before and after each.
ASK = 8


@pytest.mark.parametrize("point", range(ASK))
async def test_a_refund_that_dies_anywhere_is_told_once_it_is_made(point: int) -> None:
    world = World()
    bought = await world.bought()
    await world.deliver_mail()
    world.gate.forget()
    world.gate.crash_at(point)
    with pytest.raises(Crash):
        await world.ask_refund(bought)
    world.gate.crash_at(None)

    if not world.row(bought).refunds:
        assert not world.row(bought).notices
        await world.ask_refund(bought)
    await world.drive(bought)

    assert kinds(await told(world)) == ["refund_received", "refund_done"]


# Look, lease, send and mark, before and after each.
DELIVER = 8


@pytest.mark.parametrize("point", range(DELIVER))
async def test_a_worker_that_dies_anywhere_leaves_a_notice_that_is_sent(
    point: int,
) -> None:
    world = World()
    bought = await world.bought()
    await world.deliver_mail()
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(bought)
    world.gate.forget()
    world.gate.crash_at(point)
    with pytest.raises(Crash):
        await world.deliver_mail()
    world.gate.crash_at(None)
    world.advance(LEASE)

    await world.deliver_mail()

    (notice,) = world.row(bought).notices
    assert notice.state is MailState.SENT
    assert {letter.message_id for letter in world.mailer.notices} == {notice.message_id}
    assert len(world.mailer.notices) == (2 if point in {5, 6} else 1)


async def test_delivering_a_notice_has_as_many_points_as_we_think() -> None:
    world = World()
    bought = await world.bought()
    await world.deliver_mail()
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(bought)
    world.gate.forget()

    await world.deliver_mail()

    assert len(world.gate.moments) == DELIVER
