"""Sets of facts: what truly happened, and the one end to which it must lead.

Each is played at the stand-in of Stripe while the service hears nothing, except where
somebody asks the service itself for something.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from application.ports.payment_events import EventKind
from domain.disputes import DisputeState
from domain.ids import SessionId
from domain.refunding import RefundReport, RefundStatus
from tests.application.world import session_of
from tests.order.stripe import PRICE, Stripe

PART: Final = 1_000

Happen = Callable[[Stripe], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened, and where every order leads."""

    happen: Happen
    ends: frozenset[str]


HISTORIES: Final[dict[str, History]] = {}


def history(*ends: str) -> Callable[[Happen], Happen]:
    """Keep a history under its name; two ends want a reason in its docstring."""

    def keep(happen: Happen) -> Happen:
        name = getattr(happen, "__name__", "").replace("_", " ")
        HISTORIES[name] = History(happen=happen, ends=frozenset(ends))
        return happen

    return keep


# --- Payments -----------------------------------------------------------------------


@history("completed, spot; mails 1")
async def paid(stripe: Stripe) -> None:
    stripe.takes_the_money(await stripe.opens_a_page())


@history("closed (replaced); completed; mails 1")
async def paid_after_another_choice(stripe: Stripe) -> None:
    """The page of the first choice expires, that of the second one is paid."""
    first = await stripe.opens_a_page()
    second = (await stripe.world.check_out(as_class_rep=False)).purchase
    stripe.tells(EventKind.SESSION_EXPIRED, stripe.world.session(first))
    stripe.takes_the_money(second)


@history("completed, spot; mails 1")
async def delayed_and_arrived(stripe: Stripe) -> None:
    purchase = await stripe.opens_a_page()
    stripe.was_promised_the_money(purchase)
    arrived = stripe.world.payments.clear_delayed(session_of(purchase))
    stripe.tells(EventKind.ASYNC_PAYMENT_SUCCEEDED, arrived)


@history("closed (failed)")
async def delayed_and_failed(stripe: Stripe) -> None:
    purchase = await stripe.opens_a_page()
    stripe.was_promised_the_money(purchase)
    failed = stripe.world.payments.fail_delayed(session_of(purchase))
    stripe.tells(EventKind.ASYNC_PAYMENT_FAILED, failed)


@history("closed (expired)")
async def expired(stripe: Stripe) -> None:
    purchase = await stripe.opens_a_page()
    ended = stripe.world.payments.expire_by_time(session_of(purchase))
    stripe.tells(EventKind.SESSION_EXPIRED, ended)


@history("closed (cancelled)")
async def cancelled(stripe: Stripe) -> None:
    purchase = await stripe.opens_a_page()
    await stripe.world.cancel(purchase)
    stripe.tells(EventKind.SESSION_EXPIRED, stripe.world.session(purchase))


@history("closed (cancelled), extra done 5000; back 5000")
async def paid_after_a_cancel(stripe: Stripe) -> None:
    purchase = await stripe.opens_a_page()
    await stripe.world.cancel(purchase)
    stripe.tells(EventKind.SESSION_EXPIRED, stripe.world.session(purchase))
    stripe.takes_it_late(purchase)


@history("completed, extra done 5000, spot; back 5000; mails 1")
async def paid_twice(stripe: Stripe) -> None:
    """A second session of the same purchase, which nobody here has opened."""
    purchase = await stripe.opens_a_page()
    first = stripe.takes_the_money(purchase)
    second = replace(first, id=SessionId("cs_second"), payment_intent="pi_second")
    stripe.world.payments.plant(second)
    stripe.tells(EventKind.SESSION_COMPLETED, second)


@history("closed (failed), extra done 5001; back 5001")
async def paid_the_wrong_amount(stripe: Stripe) -> None:
    stripe.takes_the_money(await stripe.opens_a_page(), PRICE + 1)


@history("back 5000; orphan done 5000")
async def paid_for_nothing_we_know(stripe: Stripe) -> None:
    """Ours by its mark; but the purchase was lost, as by a restored backup."""
    purchase = await stripe.opens_a_page()
    stripe.takes_the_money(purchase)
    del stripe.world.store.rows[purchase.id]
    await stripe.world.programs.release_spot(purchase.program.id, purchase.id)


# --- Refunds ------------------------------------------------------------------------


def _last_refund(stripe: Stripe) -> RefundReport:
    return list(stripe.world.refunds.refunds.values())[-1]


@history("refunded, refund done 5000; back 5000; mails 1")
async def given_back(stripe: Stripe) -> None:
    purchase = await stripe.was_paid_and_we_know()
    await stripe.world.ask_refund(purchase)
    stripe.tells(EventKind.REFUND_CREATED, _last_refund(stripe))
    stripe.tells(EventKind.REFUND_UPDATED, _last_refund(stripe))
    stripe.counts(stripe.paid_session(purchase))


@history("refunded, refund done 5000; back 5000; mails 1")
async def given_back_while_stripe_fell_silent(stripe: Stripe) -> None:
    """The refund is made, and its answer is lost."""
    purchase = await stripe.was_paid_and_we_know()
    stripe.world.payments.lose_answer("create_refund")
    await stripe.world.ask_refund(purchase)
    stripe.tells(EventKind.REFUND_CREATED, _last_refund(stripe))
    stripe.tells(EventKind.REFUND_UPDATED, _last_refund(stripe))
    stripe.counts(stripe.paid_session(purchase))


@history("refunded, refund done 5000; back 5000; mails 1")
async def given_back_slowly(stripe: Stripe) -> None:
    purchase = await stripe.was_paid_and_we_know()
    stripe.world.refunds.begin_as = RefundStatus.PENDING
    await stripe.world.ask_refund(purchase)
    stripe.tells(EventKind.REFUND_CREATED, _last_refund(stripe))
    stripe.counts(stripe.paid_session(purchase))
    stripe.settles(_last_refund(stripe), RefundStatus.SUCCEEDED)


@history("completed, refund failed 5000, spot; mails 1")
async def not_given_back(stripe: Stripe) -> None:
    """The bank sends the money back to us; the buyer keeps the place."""
    purchase = await stripe.was_paid_and_we_know()
    stripe.world.refunds.begin_as = RefundStatus.PENDING
    await stripe.world.ask_refund(purchase)
    stripe.tells(EventKind.REFUND_CREATED, _last_refund(stripe))
    stripe.counts(stripe.paid_session(purchase))
    stripe.settles(_last_refund(stripe), RefundStatus.FAILED)
    stripe.fails(_last_refund(stripe))


@history("refunded, refund done 5000, refund failed 5000; back 5000; mails 1")
async def given_back_and_returned(stripe: Stripe) -> None:
    """We were told that it arrived; later it comes back, and must go again."""
    purchase = await stripe.was_paid_and_we_know()
    await stripe.world.ask_refund(purchase)
    stripe.tells(EventKind.REFUND_CREATED, _last_refund(stripe))
    stripe.counts(stripe.paid_session(purchase))
    stripe.fails(_last_refund(stripe))


@history("completed, refund done 1000, spot; back 1000; mails 1")
async def a_part_in_the_dashboard(stripe: Stripe) -> None:
    purchase = await stripe.opens_a_page()
    session = stripe.takes_the_money(purchase)
    stripe.refunds(session, PART)
    stripe.counts(session)


@history("refunded, refund done 5000; back 5000; mails 1")
async def all_of_it_in_the_dashboard(stripe: Stripe) -> None:
    """Paid, then refunded outside: pending, then done; the charge told as well."""
    purchase = await stripe.opens_a_page()
    session = stripe.takes_the_money(purchase)
    stripe.world.refunds.begin_as = RefundStatus.PENDING
    refund = stripe.refunds(session)
    stripe.settles(refund, RefundStatus.SUCCEEDED)
    stripe.counts(session)


@history("refunded, refund done 1000, refund done 4000; back 5000; mails 1")
async def in_two_parts_in_the_dashboard(stripe: Stripe) -> None:
    purchase = await stripe.opens_a_page()
    session = stripe.takes_the_money(purchase)
    stripe.refunds(session, PART)
    stripe.counts(session)
    stripe.refunds(session)
    stripe.counts(session)


@history("completed, refund failed 1000, spot; mails 1")
async def a_part_that_was_returned(stripe: Stripe) -> None:
    """Refunded outside in part: succeeded, then failed."""
    purchase = await stripe.opens_a_page()
    session = stripe.takes_the_money(purchase)
    refund = stripe.refunds(session, PART)
    stripe.settles(refund, RefundStatus.FAILED)
    stripe.fails(refund)


@history("closed (cancelled), extra done 5000; back 5000")
async def late_money_given_back_by_hand(stripe: Stripe) -> None:
    purchase = await stripe.opens_a_page()
    await stripe.world.cancel(purchase)
    stripe.tells(EventKind.SESSION_EXPIRED, stripe.world.session(purchase))
    session = stripe.takes_it_late(purchase)
    stripe.refunds(session, PART)
    stripe.counts(session)


# --- Disputes -----------------------------------------------------------------------


@history("completed, dispute won, spot; mails 1")
async def disputed_and_won(stripe: Stripe) -> None:
    session = stripe.takes_the_money(await stripe.opens_a_page())
    stripe.hears_the_bank(
        session,
        DisputeState.NEEDS_RESPONSE,
        DisputeState.UNDER_REVIEW,
        DisputeState.WON,
    )


@history("refunded, dispute lost; mails 1")
async def disputed_and_lost(stripe: Stripe) -> None:
    session = stripe.takes_the_money(await stripe.opens_a_page())
    stripe.hears_the_bank(
        session,
        DisputeState.NEEDS_RESPONSE,
        DisputeState.UNDER_REVIEW,
        DisputeState.LOST,
    )


@history("completed, dispute lost, spot; mails 1")
async def disputed_and_lost_in_part(stripe: Stripe) -> None:
    session = stripe.takes_the_money(await stripe.opens_a_page())
    states = (DisputeState.NEEDS_RESPONSE, DisputeState.LOST)
    stripe.hears_the_bank(session, *states, amount=PART)


@history("completed, dispute warning_closed, spot; mails 1")
async def asked_about_and_dropped(stripe: Stripe) -> None:
    """An inquiry, which never becomes a dispute."""
    session = stripe.takes_the_money(await stripe.opens_a_page())
    stripe.hears_the_bank(
        session,
        DisputeState.WARNING_NEEDS_RESPONSE,
        DisputeState.WARNING_UNDER_REVIEW,
        DisputeState.WARNING_CLOSED,
    )


@history("completed, dispute under_review, spot; mails 1")
async def under_review(stripe: Stripe) -> None:
    """The bank has our evidence and says no more for weeks."""
    session = stripe.takes_the_money(await stripe.opens_a_page())
    stripe.hears_the_bank(
        session, DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW
    )


@history("refunded, refund done 1000, dispute lost; back 1000; mails 1")
async def a_part_given_back_then_disputed_and_lost(stripe: Stripe) -> None:
    purchase = await stripe.opens_a_page()
    session = stripe.takes_the_money(purchase)
    stripe.refunds(session, PART)
    states = (DisputeState.NEEDS_RESPONSE, DisputeState.LOST)
    stripe.hears_the_bank(session, *states)


@history("refunded, refund done 5000, dispute won; back 5000; mails 1")
async def disputed_before_the_refund_was_sent(stripe: Stripe) -> None:
    """The buyer asks us and the bank; the bank decides for us, so we give it back."""
    purchase = await stripe.was_paid_and_we_know()
    stripe.world.payments.lose_request("create_refund")
    await stripe.world.ask_refund(purchase)
    stripe.hears_the_bank(
        stripe.paid_session(purchase),
        DisputeState.NEEDS_RESPONSE,
        DisputeState.UNDER_REVIEW,
        DisputeState.WON,
    )


@history(
    "refunded, refund done 5000, refund failed 5000; back 5000; mails 1",
    "completed, refund failed 5000, spot; mails 1",
)
async def all_of_it_in_the_dashboard_and_returned(stripe: Stripe) -> None:
    """Succeeded, then failed: the only facts with two ends.

    If we hear of the success, the purchase is over and its spot given back; nothing
    revives it, so the money is sent again.  If we hear of the failure first, nothing
    has happened to the buyer.  Either way they have the place or the money, and not
    both.
    """
    purchase = await stripe.opens_a_page()
    session = stripe.takes_the_money(purchase)
    refund = stripe.refunds(session)
    stripe.fails(refund)
    stripe.counts(session)


@history("refunded, dispute lost; mails 1")
async def asked_about_then_disputed_and_lost(stripe: Stripe) -> None:
    """An inquiry that becomes a dispute."""
    session = stripe.takes_the_money(await stripe.opens_a_page())
    stripe.hears_the_bank(
        session,
        DisputeState.WARNING_NEEDS_RESPONSE,
        DisputeState.NEEDS_RESPONSE,
        DisputeState.LOST,
    )
