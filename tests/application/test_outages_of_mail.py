"""The mail server is down for longer than anybody waits."""

from datetime import timedelta

from domain.ids import BuyerId
from domain.outbox import MailState
from domain.purchase import Buyer, Purchase
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import World

ROUND = timedelta(seconds=5)  # as the mail loop looks
OUTAGE = timedelta(hours=1)
EVER_SO_OFTEN = 1_000_000


async def test_an_hour_without_a_mail_server_delays_and_loses_nothing() -> None:
    world = World()
    world.mailer.refuse(EVER_SO_OFTEN)
    bought: list[Purchase] = []
    while world.clock.now() < NOON + OUTAGE:
        if len(bought) < 3:
            name = f"ada-{len(bought)}"
            buyer = Buyer(id=BuyerId(name), email=f"{name}@example.org", name=name)
            bought.append(await world.bought(buyer))
        assert await world.deliver_mail() == 0
        world.advance(ROUND)
    world.mailer.refuse(-EVER_SO_OFTEN)

    waiting = [world.row(purchase).confirmation for purchase in bought]
    due = sorted(mail.until for mail in waiting if mail is not None)
    while len(world.mailer.letters) < len(bought):
        await world.deliver_mail()
        world.advance(ROUND)

    told = [entry.facts["outcome"] for entry in world.trail.waiting]
    assert told.count("sent") == len(bought)
    assert set(told) == {"sent", "failed"}
    # Each once, in the order of their next tries, and none later than it had to be.
    assert len(due) == len(bought)
    assert world.clock.now() <= max(*due, NOON + OUTAGE) + 2 * ROUND
    assert sorted(world.mailer.message_ids) == sorted(
        f"<confirm.{purchase.id}@mail.example>" for purchase in bought
    )
    assert await world.deliver_mail() == 0
    for purchase in bought:
        mail = world.row(purchase).confirmation
        assert mail is not None
        assert mail.state is MailState.SENT
