"""What may happen to a purchase, and how it must end under whatever condition."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from application.start_checkout import CheckoutUnresolved
from domain.class_rep import SpotsExhausted
from domain.disputes import DisputeState
from domain.ids import PurchaseId, SessionId
from domain.purchase import AlreadyPurchased, CannotCancel
from domain.refunding import RefundStatus
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import intent_of, session_of
from tests.examples import ADA, GRACE, a_program, a_session, usd
from tests.scenarios.shop import NEVER, Shop

PART: Final = 1_000

Play = Callable[[Shop], Awaitable[None]]
SCENARIOS: Final[dict[str, tuple[Play, str]]] = {}


def scenario(end: str) -> Callable[[Play], Play]:
    """Keep a scenario under its name, with its one end."""

    def keep(play: Play) -> Play:
        name = getattr(play, "__name__", "").replace("_", " ")
        SCENARIOS[name] = (play, end)
        return play

    return keep


# --- Checkouts ------------------------------------------------------------------


@scenario("completed; mails 1")
async def a_buyer_pays(shop: Shop) -> None:
    await shop.bought(as_class_rep=False)


@scenario("completed, spot; mails 1")
async def a_class_rep_pays(shop: Shop) -> None:
    await shop.bought()


@scenario("completed, spot; mails 1")
async def a_class_rep_pays_nothing(shop: Shop) -> None:
    shop.world.offer(
        a_program(class_rep_discount=usd(10_000), early_bird_deadline=NOON + NEVER)
    )
    with suppress(AlreadyPurchased):
        await shop.checks_out()


@scenario("completed, spot; mails 1")
async def the_same_choice_again(shop: Shop) -> None:
    await shop.checks_out()
    again = await shop.checks_out()
    shop.payments.pay(session_of(again))


@scenario("closed (replaced); completed; mails 1")
async def the_other_choice(shop: Shop) -> None:
    await shop.checks_out()
    other = await shop.checks_out(as_class_rep=False)
    shop.payments.pay(session_of(other))


@scenario("completed, spot; mails 1")
async def bought_and_wanted_once_more(shop: Shop) -> None:
    await shop.bought()
    for as_class_rep in (True, False):
        with suppress(AlreadyPurchased):
            await shop.checks_out(as_class_rep=as_class_rep)


@scenario("completed, spot; mails 1")
async def a_buyer_who_takes_their_time(shop: Shop) -> None:
    purchase = await shop.checks_out()
    await shop.time_passes(2)
    shop.payments.pay(session_of(purchase))


@scenario("closed (expired)")
async def nobody_pays(shop: Shop) -> None:
    await shop.checks_out()


@scenario("closed (expired); completed, spot; mails 1")
async def once_more_after_the_page_expired(shop: Shop) -> None:
    first = await shop.checks_out()
    shop.payments.expire_by_time(session_of(first))
    second = await shop.checks_out()
    shop.payments.pay(session_of(second))


@scenario("closed (cancelled)")
async def a_cancel(shop: Shop) -> None:
    await shop.cancels(await shop.checks_out())


@scenario("closed (cancelled); completed, spot; mails 1")
async def a_retry_after_a_cancel(shop: Shop) -> None:
    first = await shop.checks_out()
    await shop.cancels(first)
    answer = await shop.asks(lambda s: s.retry_checkout()(ADA, first.id))
    shop.payments.pay(session_of(answer.purchase))


@scenario("completed, spot; mails 1")
async def a_payment_that_is_faster_than_a_cancel(shop: Shop) -> None:
    purchase = await shop.checks_out()
    shop.payments.pay(session_of(purchase))
    with suppress(CannotCancel):
        await shop.cancels(purchase)


@scenario("completed, spot; mails 1")
async def the_buyer_comes_back_from_the_page(shop: Shop) -> None:
    purchase = await shop.checks_out()
    shop.payments.pay(session_of(purchase))
    await shop.comes_back(purchase)


@scenario("closed (limit_reached); completed, spot; mails 1")
async def two_buyers_want_the_last_spot(shop: Shop) -> None:
    shop.world.offer(a_program(class_rep_limit=1, early_bird_deadline=NOON + NEVER))
    first = await shop.checks_out()
    with suppress(SpotsExhausted):
        await shop.asks(
            lambda s: shop.world.check_out(GRACE, as_class_rep=True, service=s), times=1
        )
    shop.payments.pay(session_of(first))


@scenario("completed, spot; completed, spot; mails 2")
async def the_limit_is_lowered_below_what_is_sold(shop: Shop) -> None:
    first = await shop.checks_out()
    second = await shop.checks_out(GRACE)
    shop.world.offer(a_program(class_rep_limit=1, early_bird_deadline=NOON + NEVER))
    shop.payments.pay(session_of(first))
    shop.payments.pay(session_of(second))


@scenario("completed, spot; mails 1")
async def the_price_rises_while_the_buyer_pays(shop: Shop) -> None:
    purchase = await shop.checks_out()
    shop.world.offer(
        a_program(full_price=usd(90_000), early_bird_deadline=NOON + NEVER)
    )
    shop.payments.pay(session_of(purchase))


@scenario("completed, spot; mails 1")
async def stripe_is_silent_for_a_moment(shop: Shop) -> None:
    shop.payments.lose_request("create_session")
    shop.payments.lose_answer("create_session")
    with suppress(CheckoutUnresolved):
        await shop.checks_out()
    again = await shop.checks_out()
    shop.payments.pay(session_of(again))


# --- Payments -------------------------------------------------------------------


@scenario("completed, spot; mails 1")
async def a_delayed_payment_arrives(shop: Shop) -> None:
    purchase = await shop.checks_out()
    shop.payments.pay_later(session_of(purchase))
    await shop.time_passes(5)
    shop.payments.clear_delayed(session_of(purchase))


@scenario("closed (failed)")
async def a_delayed_payment_fails(shop: Shop) -> None:
    purchase = await shop.checks_out()
    shop.payments.pay_later(session_of(purchase))
    await shop.time_passes(5)
    shop.payments.fail_delayed(session_of(purchase))


@scenario("closed (cancelled), extra done 5000; back 5000")
async def late_money(shop: Shop) -> None:
    purchase = await shop.checks_out()
    await shop.cancels(purchase)
    shop.takes_it_late(purchase)


@scenario("completed, extra done 5000, spot; back 5000; mails 1")
async def a_second_payment(shop: Shop) -> None:
    bought = await shop.bought()
    page = shop.world.session(bought)
    shop.plants(page, id=SessionId("cs_second"), payment_intent="pi_second")


@scenario("closed (failed), extra done 4999; back 4999")
async def the_wrong_amount(shop: Shop) -> None:
    purchase = await shop.checks_out()
    shop.payments.pay(session_of(purchase), 4_999)


@scenario("back 8000; orphan done 8000")
async def money_that_no_purchase_names(shop: Shop) -> None:
    """Ours by its mark, of a purchase that is no longer there."""
    shop.plants(
        a_session(purchase_id=PurchaseId("lost"), created_at=shop.payments.now())
    )


# --- Money back -----------------------------------------------------------------


@scenario("refunded, refund done 5000; back 5000; mails 1")
async def a_buyer_wants_it_back(shop: Shop) -> None:
    await shop.wants_it_back(await shop.bought())


@scenario("refunded, refund done 5000; back 5000; mails 1")
async def the_bank_takes_its_time(shop: Shop) -> None:
    bought = await shop.bought()
    shop.refunds.begin_as = RefundStatus.PENDING
    await shop.wants_it_back(bought)
    await shop.time_passes()
    shop.refunds.settle(shop.last_refund().id, RefundStatus.SUCCEEDED)


@scenario("completed, refund failed 5000, spot; mails 1")
async def the_bank_cannot_give_it_back(shop: Shop) -> None:
    bought = await shop.bought()
    shop.refunds.begin_as = RefundStatus.PENDING
    await shop.wants_it_back(bought)
    await shop.time_passes()
    shop.refunds.settle(shop.last_refund().id, RefundStatus.FAILED)


@scenario("refunded, refund done 5000, refund failed 5000; back 5000; mails 1")
async def what_was_given_back_returns(shop: Shop) -> None:
    await shop.wants_it_back(await shop.bought())
    await shop.time_passes()
    shop.refunds.settle(shop.last_refund().id, RefundStatus.FAILED)


@scenario("completed, refund done 1000, spot; back 1000; mails 1")
async def an_admin_gives_back_a_part(shop: Shop) -> None:
    await shop.gives_back(await shop.bought(), PART)


@scenario("completed, refund done 1000, spot; back 1000; mails 1")
async def a_part_in_the_dashboard(shop: Shop) -> None:
    shop.refunds.refund_outside(intent_of(await shop.bought()), PART)


@scenario("refunded, refund done 5000; back 5000; mails 1")
async def all_of_it_in_the_dashboard(shop: Shop) -> None:
    shop.refunds.refund_outside(intent_of(await shop.bought()))


@scenario("completed, dispute won, spot; mails 1")
async def a_dispute_that_is_won(shop: Shop) -> None:
    opened = shop.refunds.dispute(intent_of(await shop.bought()))
    await shop.time_passes()
    shop.refunds.move_dispute(opened.dispute.id, DisputeState.WON)


@scenario("refunded, dispute lost; mails 1")
async def a_dispute_that_is_lost(shop: Shop) -> None:
    opened = shop.refunds.dispute(intent_of(await shop.bought()))
    await shop.time_passes()
    shop.refunds.move_dispute(opened.dispute.id, DisputeState.LOST)


@scenario("completed, dispute lost, spot; mails 1")
async def a_dispute_that_is_lost_in_part(shop: Shop) -> None:
    opened = shop.refunds.dispute(intent_of(await shop.bought()), PART)
    await shop.time_passes()
    shop.refunds.move_dispute(opened.dispute.id, DisputeState.LOST)
