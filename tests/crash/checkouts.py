"""Scripts of what buyers ask for before they have paid."""

from contextlib import suppress

from application.start_checkout import CheckoutUnresolved
from domain.purchase import Purchase
from tests.application.world import World, session_of
from tests.crash.script import Act, script
from tests.examples import ADA, CHOIR, GRACE, a_program, usd


def pays(world: World) -> None:
    """Pay on every page that is open, also one that nobody was shown."""
    for session in world.sessions:
        if session.url is not None:
            world.payments.pay(session.id)


@script("start_checkout", "", "closed (expired)", points=8)
@script(
    "start_checkout", "", "closed (expired)", "completed; mails 1", points=8, then=pays
)
async def a_buyer_checks_out(world: World) -> Act:
    return lambda service: world.check_out(service=service)


@script("start_checkout", "", "closed (expired)", points=14)
@script(
    "start_checkout",
    "",
    "closed (expired)",
    "completed, spot; mails 1",
    points=14,
    then=pays,
)
async def a_class_rep_checks_out(world: World) -> Act:
    return lambda service: world.check_out(as_class_rep=True, service=service)


@script("start_checkout", "", "closed (expired)", "completed, spot; mails 1", points=12)
async def a_class_rep_checks_out_for_nothing(world: World) -> Act:
    world.offer(a_program(class_rep_discount=usd(10_000)))
    return lambda service: world.check_out(as_class_rep=True, service=service)


@script(
    "start_checkout",
    "closed (expired)",
    "closed (expired); closed (expired)",
    "closed (expired); closed (limit_reached)",
    "closed (expired); closed (limit_reached); closed (expired)",
    "closed (expired); closed (limit_reached); closed (limit_reached)",
    points=11,
)
async def the_last_spot_is_gone(world: World) -> Act:
    world.offer(a_program(class_rep_limit=1))
    await world.check_out(GRACE, as_class_rep=True)
    return lambda service: world.check_out(as_class_rep=True, service=service)


@script(
    "start_checkout",
    "closed (cancelled)",
    "closed (cancelled); closed (expired)",
    points=17,
)
async def the_last_spot_is_held_by_what_has_ended(world: World) -> Act:
    world.offer(a_program(class_rep_limit=1))
    ended = (await world.check_out(GRACE, as_class_rep=True)).purchase
    await world.cancel(ended)
    await world.programs.reserve_spot(ended.program.id, ended.id, limit=1)
    return lambda service: world.check_out(as_class_rep=True, service=service)


@script(
    "start_checkout",
    "",
    "closed (expired)",
    "closed (replaced)",
    "closed (replaced); closed (expired)",
    "closed (replaced); completed; mails 1",
    "completed; mails 1",  # at the first price: it was stored, and not verified yet
    points=18,
    then=pays,
)
async def the_price_was_changed_elsewhere(world: World) -> Act:
    await world.service.programs_on_hand().read(CHOIR)
    world.offer(a_program(full_price=usd(50_000)))
    return lambda service: world.check_out(service=service)


@script(
    "start_checkout",
    "",
    "closed (expired)",
    "closed (replaced)",
    "closed (replaced); closed (expired)",
    "closed (replaced); completed, spot; mails 1",
    "completed, spot; mails 1",
    points=21,
    then=pays,
)
async def the_price_of_a_spot_was_changed_elsewhere(world: World) -> Act:
    await world.service.programs_on_hand().read(CHOIR)
    world.offer(a_program(full_price=usd(50_000)))
    return lambda service: world.check_out(as_class_rep=True, service=service)


@script("start_checkout", "closed (expired)", points=3)
@script("start_checkout", "completed, spot; mails 1", points=3, then=pays)
async def the_same_choice_again(world: World) -> Act:
    await world.check_out(as_class_rep=True)
    return lambda service: world.check_out(as_class_rep=True, service=service)


@script(
    "start_checkout",
    "closed (expired)",
    "closed (replaced)",
    "closed (replaced); closed (expired)",
    points=21,
)
@script(
    "start_checkout",
    "closed (replaced)",
    "closed (replaced); closed (expired)",
    "closed (replaced); completed; mails 1",
    "completed, spot; mails 1",
    points=21,
    then=pays,
)
async def the_other_choice(world: World) -> Act:
    await world.check_out(as_class_rep=True)
    return lambda service: world.check_out(as_class_rep=False, service=service)


@script("start_checkout", "completed, spot; mails 1", points=13)
async def the_other_choice_when_the_first_was_paid(world: World) -> Act:
    first = (await world.check_out(as_class_rep=True)).purchase
    world.payments.pay(session_of(first))
    return lambda service: world.check_out(as_class_rep=False, service=service)


@script(
    "start_checkout",
    "closed (expired)",
    "closed (expired); closed (expired)",
    points=23,
)
async def again_when_the_page_has_expired(world: World) -> Act:
    first = (await world.check_out(as_class_rep=True)).purchase
    world.payments.expire_by_time(session_of(first))
    return lambda service: world.check_out(as_class_rep=True, service=service)


@script(
    "start_checkout",
    "closed (expired)",
    "closed (rejected)",
    "closed (rejected); closed (expired)",
    points=11,
)
async def what_stripe_refuses_to_sell(world: World) -> Act:
    world.payments.lose_request("create_session")
    with suppress(CheckoutUnresolved):
        await world.check_out(as_class_rep=True)
    world.payments.refuse(world.live[0].id)
    return lambda service: world.check_out(as_class_rep=True, service=service)


@script(
    "retry_checkout",
    "closed (cancelled)",
    "closed (cancelled); closed (expired)",
    points=12,
)
async def a_retry_of_what_was_cancelled(world: World) -> Act:
    first = (await world.check_out(as_class_rep=True)).purchase
    await world.cancel(first)
    return lambda service: service.retry_checkout()(ADA, first.id)


def cancelling(purchase: Purchase) -> Act:
    return lambda service: service.cancel_purchase()(purchase.buyer.id, purchase.id)


@script("cancel_purchase", "closed (cancelled)", "closed (expired)", points=12)
async def a_cancel(world: World) -> Act:
    return cancelling((await world.check_out(as_class_rep=True)).purchase)


@script("cancel_purchase", "completed, spot; mails 1", points=10)
async def a_cancel_of_what_was_paid(world: World) -> Act:
    purchase = (await world.check_out(as_class_rep=True)).purchase
    world.payments.pay(session_of(purchase))
    return cancelling(purchase)


@script("verify_session", "completed, spot; mails 1", points=8)
async def the_buyer_comes_back_and_has_paid(world: World) -> Act:
    purchase = (await world.check_out(as_class_rep=True)).purchase
    world.payments.pay(session_of(purchase))
    return lambda service: service.verify_session()(ADA.id, session_of(purchase))


@script("verify_session", "closed (expired)", points=10)
async def the_buyer_comes_back_and_the_page_has_expired(world: World) -> Act:
    purchase = (await world.check_out(as_class_rep=True)).purchase
    world.payments.expire_by_time(session_of(purchase))
    return lambda service: service.verify_session()(ADA.id, session_of(purchase))
