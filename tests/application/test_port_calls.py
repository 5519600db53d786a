"""How much of the outside each request costs (design: performance)."""

from dataclasses import replace

from application.ports.payment_events import EventKind
from tests.application.world import World, intent_of, session_of
from tests.examples import COOL_DOWN, GRACE


def spent(world: World) -> tuple[int, int]:
    """Return how many calls the storage had, and how many the provider."""
    asked = sum(n for call, n in world.gate.calls.items() if "payments." in call)
    return world.gate.calls.total() - asked, asked


async def warm() -> World:
    """Return a world whose service has had a class rep lately."""
    world = World()
    await world.check_out(GRACE, as_class_rep=True)
    world.gate.forget()
    return world


async def test_a_fresh_checkout_costs_three_storage_calls_and_one_of_the_provider() -> (
    None
):
    world = World()

    await world.check_out()

    assert spent(world) == (3, 1)


async def test_with_terms_on_hand_it_costs_three_as_well() -> None:
    """The program is read after the insert then, to verify it."""
    world = await warm()

    await world.check_out()

    assert spent(world) == (3, 1)


async def test_a_fresh_class_rep_checkout_costs_three_more() -> None:
    """A look at what was abandoned, the spot, and that it is held."""
    world = World()

    await world.check_out(as_class_rep=True)

    assert spent(world) == (6, 1)


async def test_with_terms_on_hand_a_class_rep_checkout_costs_four() -> None:
    """Insert, take the spot, mark it, save the session: nothing that only looks."""
    world = await warm()

    await world.check_out(as_class_rep=True)

    assert spent(world) == (4, 1)


async def test_without_a_cool_down_nobody_looks_for_one() -> None:
    world = World(cool_down=replace(COOL_DOWN, after=0))

    await world.check_out(as_class_rep=True)

    assert spent(world) == (5, 1)


async def test_a_repeated_checkout_costs_two_and_does_not_ask_the_provider() -> None:
    world = World()
    await world.check_out()
    world.gate.forget()

    await world.check_out()

    assert spent(world) == (2, 0)


async def test_a_repeated_checkout_without_terms_on_hand_costs_three() -> None:
    world = World()
    await world.check_out()
    world.service.programs_on_hand().forget_all()
    world.gate.forget()

    await world.check_out()

    assert spent(world) == (3, 0)


async def test_a_repeated_class_rep_checkout_costs_no_more() -> None:
    world = World()
    await world.check_out(as_class_rep=True)
    world.gate.forget()

    await world.check_out(as_class_rep=True)

    assert spent(world) == (2, 0)


async def test_the_first_webhook_costs_one() -> None:
    world = World()
    answer = await world.check_out()
    paid = world.payments.pay(session_of(answer.purchase))
    world.gate.forget()

    await world.tell(paid)

    assert spent(world) == (1, 0)


async def test_a_duplicate_webhook_costs_a_look_more() -> None:
    world = World()
    bought = await world.bought()
    world.gate.forget()

    await world.tell(world.session(bought))

    assert spent(world) == (2, 0)


async def test_an_expired_session_costs_three_with_its_spot() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    expired = world.payments.expire_by_time(session_of(answer.purchase))
    world.gate.forget()

    await world.tell(expired, EventKind.SESSION_EXPIRED)

    assert spent(world) == (3, 0)


async def test_a_cancel_costs_three_and_one_of_the_provider() -> None:
    world = World()
    answer = await world.check_out()
    world.gate.forget()

    await world.cancel(answer.purchase)

    assert spent(world) == (3, 1)


async def test_verifying_a_completed_purchase_costs_one() -> None:
    world = World()
    bought = await world.bought()
    world.gate.forget()

    await world.service.verify_session()(bought.buyer.id, session_of(bought))

    assert spent(world) == (1, 0)


async def test_an_idle_mail_round_costs_one() -> None:
    world = World()
    await world.check_out(GRACE)
    world.gate.forget()

    await world.deliver_mail()

    assert spent(world) == (1, 0)


async def test_a_refund_costs_three_and_one_of_the_provider() -> None:
    world = World()
    bought = await world.bought()
    world.gate.forget()

    await world.ask_refund(bought)

    assert spent(world) == (3, 1)


async def test_word_of_a_refund_that_is_known_costs_one() -> None:
    world = World()
    bought = await world.bought()
    await world.ask_refund(bought)
    (report,) = world.refunds.refunds.values()
    world.gate.forget()

    await world.tell(report, EventKind.REFUND_UPDATED)

    assert spent(world) == (1, 0)


async def test_word_of_a_refund_from_outside_costs_two() -> None:
    world = World()
    bought = await world.bought()
    report = world.refunds.refund_outside(intent_of(bought))
    world.gate.forget()

    await world.tell(report, EventKind.REFUND_CREATED)

    assert spent(world) == (2, 0)


async def test_driving_a_refund_that_is_due_costs_one_and_two_of_the_provider() -> None:
    world = World()
    bought = await world.bought()
    world.payments.lose_request("create_refund")
    await world.ask_refund(bought)
    world.gate.forget()

    await world.drive(bought)

    assert spent(world) == (1, 2)
