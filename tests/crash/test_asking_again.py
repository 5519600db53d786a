"""The process dies at every point of a checkout, and the buyer asks again."""

import pytest

from domain.purchase import AlreadyPurchased, Purchase, Status
from tests.application.world import World
from tests.examples import ADA, a_program, usd
from tests.fakes.turnstile import Crash

# Before and after each call: a plain checkout makes 4, a class rep's 7, a free one 6.
PLAIN, REP, FREE = 8, 14, 12


async def die_at(world: World, point: int, *, as_class_rep: bool) -> None:
    world.gate.crash_at(point)
    with pytest.raises(Crash):
        await world.check_out(as_class_rep=as_class_rep)
    world.gate.crash_at(None)


def the_one_purchase(world: World) -> Purchase:
    """Return it, having seen that nothing is there twice and no spot is lost."""
    (purchase,) = world.rows
    (session,) = world.sessions
    assert session.purchase_id == purchase.id
    assert purchase.session is not None
    assert purchase.session.id == session.id
    assert world.held() == ({purchase.id} if purchase.is_class_rep else set())
    return purchase


@pytest.mark.parametrize("as_class_rep", [False, True])
async def test_a_checkout_has_as_many_points_as_we_think(*, as_class_rep: bool) -> None:
    world = World()

    await world.check_out(as_class_rep=as_class_rep)

    assert len(world.gate.moments) == (REP if as_class_rep else PLAIN)


@pytest.mark.parametrize(
    ("point", "as_class_rep"),
    [(point, False) for point in range(PLAIN)]
    + [(point, True) for point in range(REP)],
)
async def test_after_a_crash_the_same_choice_leads_to_one_session_and_one_spot(
    point: int, *, as_class_rep: bool
) -> None:
    world = World()
    await die_at(world, point, as_class_rep=as_class_rep)
    was_stored = bool(world.rows)

    answer = await world.check_out(as_class_rep=as_class_rep)

    purchase = the_one_purchase(world)
    assert answer.existing is was_stored
    assert answer.purchase.pay_url == world.session(purchase).url
    assert world.sessions_created == 1
    assert purchase.status is Status.PENDING


@pytest.mark.parametrize(
    ("first", "second"), [(a, b) for a in range(REP) for b in range(REP)]
)
async def test_after_two_crashes_the_third_request_leads_there_too(
    first: int, second: int
) -> None:
    world = World()
    await die_at(world, first, as_class_rep=True)
    world.gate.forget()
    world.gate.crash_at(second)
    try:
        await world.check_out(as_class_rep=True)
    except Crash:
        world.gate.crash_at(None)
        await world.check_out(as_class_rep=True)

    assert the_one_purchase(world).status is Status.PENDING
    assert world.sessions_created == 1


@pytest.mark.parametrize("point", range(FREE))
async def test_after_a_crash_a_free_purchase_is_completed_once(point: int) -> None:
    world = World()
    world.offer(a_program(class_rep_discount=usd(10_000)))
    await die_at(world, point, as_class_rep=True)

    try:
        await world.check_out(as_class_rep=True)
    except AlreadyPurchased:
        assert point == FREE - 1

    (purchase,) = world.rows
    assert purchase.status is Status.COMPLETED
    assert world.held() == {purchase.id}
    assert not world.sessions
    await world.deliver_mail()
    assert world.mailer.message_ids == [f"<confirm.{purchase.id}@mail.example>"]


@pytest.mark.parametrize("point", range(REP))
async def test_after_a_crash_the_other_choice_replaces_what_was_begun(
    point: int,
) -> None:
    world = World()
    await die_at(world, point, as_class_rep=True)

    answer = await world.check_out(as_class_rep=False)

    assert world.live == [answer.purchase]
    assert not answer.purchase.is_class_rep
    assert not world.held()
    open_urls = [session.url for session in world.sessions if session.url]
    assert open_urls == [answer.purchase.pay_url]


@pytest.mark.parametrize("point", range(REP))
async def test_after_a_crash_a_cancel_closes_what_was_begun(point: int) -> None:
    world = World()
    await die_at(world, point, as_class_rep=True)

    for purchase in list(world.rows):
        await world.cancel(purchase)

    assert not world.live
    assert not world.held()
    assert all(session.url is None for session in world.sessions)


@pytest.mark.parametrize("point", range(REP))
async def test_after_a_crash_of_one_instance_another_one_carries_on(point: int) -> None:
    world = World()
    await die_at(world, point, as_class_rep=True)

    answer = await world.check_out(
        ADA, as_class_rep=True, service=world.instance(worker="two")
    )

    assert answer.purchase == the_one_purchase(world)
