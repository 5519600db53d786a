"""Our clock may be days off: it triggers work and decides nothing (invariant I19)."""

from datetime import timedelta

import pytest

from application.ports.payment_events import EventKind
from domain.purchase import AlreadyPurchased, ClosedReason, Status
from entrypoints.simulation.outside.clock import NOON, ManualClock
from tests.application.world import World, session_of
from tests.examples import HOLD

skews = pytest.mark.parametrize(
    "skew",
    [timedelta(hours=-48), timedelta(hours=-1), timedelta(0), timedelta(hours=48)],
)


def skewed(skew: timedelta) -> World:
    return World(clock=ManualClock(NOON + skew), provider_clock=ManualClock())


@skews
async def test_the_same_choice_gets_the_same_open_page(skew: timedelta) -> None:
    world = skewed(skew)
    first = await world.check_out(as_class_rep=True)

    second = await world.check_out(as_class_rep=True)

    assert second.existing
    assert second.purchase.id == first.purchase.id
    assert world.session(first.purchase).expires_at == NOON + HOLD
    assert (world.sessions_created, len(world.held())) == (1, 1)


@skews
async def test_a_clock_that_jumps_closes_nothing(skew: timedelta) -> None:
    world = World(provider_clock=ManualClock())
    answer = await world.check_out(as_class_rep=True)
    world.clock.at = NOON + skew

    again = await world.check_out(as_class_rep=True)
    await world.service.verify_session()(
        answer.purchase.buyer.id, session_of(answer.purchase)
    )

    assert again.existing
    assert world.row(answer.purchase).status is Status.PENDING
    assert world.held() == {answer.purchase.id}


@skews
async def test_a_payment_completes(skew: timedelta) -> None:
    world = skewed(skew)

    bought = await world.bought(as_class_rep=True)
    await world.deliver_mail()

    assert bought.status is Status.COMPLETED
    assert len(world.mailer.letters) == 1
    with pytest.raises(AlreadyPurchased):
        await world.check_out()


@skews
async def test_a_page_ends_when_the_provider_says_so(skew: timedelta) -> None:
    world = skewed(skew)
    answer = await world.check_out(as_class_rep=True)

    ended = world.payments.expire_by_time(session_of(answer.purchase))
    await world.tell(ended, EventKind.SESSION_EXPIRED)

    assert world.row(answer.purchase).closed_reason is ClosedReason.EXPIRED
    assert not world.held()


@skews
async def test_a_cancel_closes(skew: timedelta) -> None:
    world = skewed(skew)
    answer = await world.check_out(as_class_rep=True)

    await world.cancel(answer.purchase)

    assert world.is_cancelled(answer.purchase)
