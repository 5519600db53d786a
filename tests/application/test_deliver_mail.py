"""Protocol 3.2, OUTBOX: at least once, and once unless a worker dies in between."""

import asyncio
from datetime import timedelta

import pytest

from application.ports.storage import StorageUnavailable
from domain.ids import BuyerId
from domain.outbox import MailState, OutgoingMail
from domain.purchase import Buyer, PaymentMethod, Purchase
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import World, session_of
from tests.examples import ADA, GRACE, a_program, usd
from tests.fakes.turnstile import Crash

LEASE = timedelta(seconds=45)
DAY = timedelta(days=1)


def mail_of(world: World, purchase: Purchase) -> OutgoingMail:
    mail = world.row(purchase).confirmation
    assert mail is not None
    return mail


async def test_a_completed_purchase_is_confirmed_once() -> None:
    world = World()
    bought = await world.bought()

    assert await world.deliver_mail() == 1
    assert await world.deliver_mail() == 0

    (letter,) = world.mailer.letters
    assert letter.message_id == f"<confirm.{bought.id}@mail.example>"
    assert mail_of(world, bought).state is MailState.SENT
    assert not world.alerts.sent


async def test_the_letter_says_what_was_bought_and_for_how_much() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    world.offer(a_program(title="Orchestra", full_price=usd(50_000)))
    world.advance(DAY)

    await world.deliver_mail()

    (letter,) = world.mailer.letters
    assert (letter.to_email, letter.to_name) == ("ada@example.org", "Ada")
    assert letter.order_number == bought.order_number
    assert (letter.program_title, letter.program_type) == ("Choir", "course")
    assert (letter.purchased_at, letter.time_zone) == (NOON, "Europe/London")
    assert (letter.full_price, letter.total, letter.currency) == (10_000, 5_000, "usd")
    assert (letter.class_rep_discount, letter.early_bird_discount) == (3_000, 2_000)
    assert (letter.is_class_rep, letter.is_early_bird) == (True, True)
    assert letter.receipt_url == (
        f"https://spothold.example/dashboard/purchase-receipt/{bought.id}"
    )


async def test_what_was_never_completed_is_never_confirmed() -> None:
    world = World()
    answer = await world.check_out(ADA)
    await world.check_out(GRACE)
    await world.cancel(answer.purchase)

    assert await world.deliver_mail() == 0
    assert not world.mailer.letters


async def test_two_workers_send_one_mail() -> None:
    world = World()
    await world.bought()
    workers = [world.instance(worker=f"worker-{n}") for n in range(5)]

    sent = await asyncio.gather(*(worker.deliver_mail()() for worker in workers))

    assert sum(sent) == 1
    assert len(world.mailer.letters) == 1


async def test_a_leased_mail_is_left_to_its_worker_until_the_lease_ends() -> None:
    world = World()
    bought = await world.bought()

    async def die() -> None:
        raise Crash

    world.gate.once("before mailer.send_confirmation", die)
    with pytest.raises(Crash):
        await world.deliver_mail()
    leased = mail_of(world, bought)
    assert (leased.state, leased.leased_by) == (MailState.LEASED, "one")
    assert leased.until == NOON + LEASE

    world.advance(LEASE - timedelta(seconds=1))
    assert await world.deliver_mail() == 0
    world.advance(timedelta(seconds=1))
    assert await world.deliver_mail() == 1


async def test_a_worker_that_dies_between_send_and_mark_causes_a_known_copy() -> None:
    world = World()
    bought = await world.bought()

    async def die() -> None:
        raise Crash

    world.gate.once("after mailer.send_confirmation", die)
    with pytest.raises(Crash):
        await world.deliver_mail()
    world.advance(LEASE)
    assert await world.deliver_mail() == 1

    assert world.mailer.message_ids == [f"<confirm.{bought.id}@mail.example>"] * 2
    assert mail_of(world, bought).state is MailState.SENT


async def test_a_lost_answer_causes_a_known_copy() -> None:
    world = World()
    bought = await world.bought()
    world.mailer.lose_answers(1)

    assert await world.deliver_mail() == 0
    world.advance(timedelta(seconds=15))
    assert await world.deliver_mail() == 1

    assert world.mailer.message_ids == [f"<confirm.{bought.id}@mail.example>"] * 2


async def test_a_refused_mail_waits_longer_each_time() -> None:
    world = World()
    bought = await world.bought()
    world.mailer.refuse(3)
    for pause in (15, 30, 60):
        assert await world.deliver_mail() == 0
        mail = mail_of(world, bought)
        assert mail.state is MailState.DUE
        waits = (mail.until - world.clock.now()).total_seconds()
        assert pause / 2 <= waits <= pause
        world.clock.at = mail.until - timedelta(microseconds=1)
        assert await world.deliver_mail() == 0
        world.clock.at = mail.until

    assert await world.deliver_mail() == 1
    assert world.alerts.codes == ["mail_not_sent"] * 3


async def test_after_twelve_tries_a_human_is_told_and_nobody_tries_again() -> None:
    world = World()
    bought = await world.bought()
    world.mailer.refuse(100)

    for _ in range(20):
        await world.deliver_mail()
        world.advance(DAY)

    assert world.gate.calls["mailer.send_confirmation"] == 12
    assert mail_of(world, bought).state is MailState.DEAD
    assert world.alerts.codes == ["mail_not_sent"] * 12 + ["mail_dead"]


async def test_a_mail_that_kills_each_worker_is_given_up_too() -> None:
    world = World()
    bought = await world.bought()

    async def die() -> None:
        raise Crash

    for _ in range(12):
        world.gate.once("before mailer.send_confirmation", die)
        with pytest.raises(Crash):
            await world.deliver_mail()
        world.advance(LEASE)

    assert await world.deliver_mail() == 0
    world.advance(DAY)
    assert await world.deliver_mail() == 0

    assert world.gate.calls["mailer.send_confirmation"] == 12
    assert mail_of(world, bought).state is MailState.DEAD
    assert world.alerts.codes == ["mail_dead"]


async def test_a_worker_whose_lease_ended_does_not_speak_for_the_next_one() -> None:
    world = World()
    bought = await world.bought()
    world.mailer.refuse(11)
    for _ in range(11):
        await world.deliver_mail()
        world.advance(DAY)
    world.mailer.refuse(1)

    async def be_slow_while_another_sends() -> None:
        (row,) = world.rows
        assert row.confirmation is not None
        slow = row.confirmation
        await world.outbox.swap(row.id, slow, slow.sent())

    world.gate.once("before mailer.send_confirmation", be_slow_while_another_sends)
    await world.deliver_mail()

    assert mail_of(world, bought).state is MailState.SENT
    assert "mail_dead" not in world.alerts.codes


async def test_what_another_worker_sent_during_a_round_is_not_sent_again() -> None:
    """The round is a picture of the past; the swap decides."""
    world = World()
    await world.bought(ADA)
    await world.bought(GRACE)

    async def send_everything() -> None:
        await world.instance(worker="faster").deliver_mail()()

    world.gate.once("before outbox.swap", send_everything)

    assert await world.deliver_mail() == 0
    assert len(world.mailer.letters) == 2


async def test_a_clock_set_back_during_a_round_makes_mail_wait() -> None:
    world = World()
    await world.bought()

    async def set_back() -> None:
        world.clock.at -= DAY

    world.gate.once("after outbox.due", set_back)

    assert await world.deliver_mail() == 0
    world.advance(DAY)
    assert await world.deliver_mail() == 1


async def test_a_poisoned_mail_stops_no_other() -> None:
    world = World()
    await world.bought(ADA)
    await world.bought(GRACE)
    world.mailer.choke_on(ADA.email, ValueError("no such encoding"))

    assert await world.deliver_mail() == 1

    assert [letter.to_email for letter in world.mailer.letters] == [GRACE.email]
    assert world.alerts.codes == ["mail_not_sent"]
    assert "ValueError" in world.alerts.sent[0].message


async def test_one_round_takes_twenty_the_oldest_first() -> None:
    world = World()
    buyers = [
        Buyer(id=BuyerId(f"ada-{n}"), email=f"{n}@example.org", name="Ada")
        for n in range(25)
    ]
    for buyer in buyers:
        await world.bought(buyer)
        world.advance(timedelta(seconds=1))

    assert [await world.deliver_mail() for _ in range(3)] == [20, 5, 0]
    assert [letter.to_email for letter in world.mailer.letters] == [
        buyer.email for buyer in buyers
    ]


# --- How it was paid, for the receipt ---------------------------------------------


async def test_the_receipt_learns_how_it_was_paid_before_the_mail_goes() -> None:
    world = World()
    bought = await world.bought()

    await world.deliver_mail()

    assert world.row(bought).payment_method == PaymentMethod(
        type="card", brand="visa", last4="4242"
    )


async def test_the_mail_does_not_wait_for_a_silent_provider() -> None:
    world = World()
    bought = await world.bought()
    world.payments.lose_request("payment_method")

    assert await world.deliver_mail() == 1
    assert world.row(bought).payment_method is None


async def test_how_it_was_paid_is_asked_once() -> None:
    world = World()
    await world.bought()
    world.mailer.refuse(1)

    await world.deliver_mail()
    world.advance(DAY)
    await world.deliver_mail()

    assert world.payments.calls["payment_method"] == 1


async def test_a_free_purchase_is_confirmed_without_asking_the_provider() -> None:
    world = World()
    world.offer(a_program(class_rep_discount=usd(10_000)))
    await world.check_out(as_class_rep=True)

    assert await world.deliver_mail() == 1
    assert not any("payments" in call for call in world.gate.calls)


async def test_storage_that_fails_before_the_mail_sends_nothing() -> None:
    world = World()
    bought = await world.bought()
    world.gate.fail_once("before purchases.note_payment_method", StorageUnavailable())

    with pytest.raises(StorageUnavailable):
        await world.deliver_mail()

    assert not world.mailer.letters
    assert mail_of(world, bought).state is MailState.LEASED
    world.advance(LEASE)
    assert await world.deliver_mail() == 1


@pytest.mark.parametrize("point", range(12))
async def test_a_worker_that_dies_anywhere_leaves_a_mail_that_is_sent(
    point: int,
) -> None:
    world = World()
    answer = await world.check_out()
    await world.tell(world.payments.pay(session_of(answer.purchase)))
    world.gate.forget()
    world.gate.crash_at(point)
    with pytest.raises(Crash):
        await world.deliver_mail()
    world.gate.crash_at(None)
    world.advance(LEASE)

    await world.deliver_mail()

    assert mail_of(world, answer.purchase).state is MailState.SENT
    assert set(world.mailer.message_ids) == {
        f"<confirm.{answer.purchase.id}@mail.example>"
    }
    assert len(world.mailer.letters) == (2 if point in {9, 10} else 1)
