"""Money that must go back, and money that nobody knows."""

from dataclasses import replace

import pytest

from application.ports.payment_events import EventKind
from application.receive_event import EventOutcome
from domain.ids import SessionId
from domain.orphans import OrphanReason
from domain.purchase import ClosedReason, Purchase, Status
from domain.refunds import ExtraPaymentState, ExtraReason
from domain.transitions import close_on_word
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import World, session_of
from tests.examples import a_paid_session

FAILED = EventKind.ASYNC_PAYMENT_FAILED
EXPIRED = EventKind.SESSION_EXPIRED


async def checked_out(world: World) -> Purchase:
    return (await world.check_out(as_class_rep=True)).purchase


async def test_late_money_is_recorded_and_revives_nothing() -> None:
    world = World()
    purchase = await checked_out(world)
    await world.cancel(purchase)
    late = a_paid_session(
        id=session_of(purchase), purchase_id=purchase.id, amount_total=5_000
    )

    for _ in range(3):
        assert await world.tell(late) is EventOutcome.APPLIED

    row = world.row(purchase)
    assert (row.status, row.paid) == (Status.CLOSED, None)
    (extra,) = row.extra_payments
    assert (extra.reason, extra.state) == (ExtraReason.LATE, ExtraPaymentState.DUE)
    assert (extra.session_id, extra.amount, extra.currency) == (late.id, 5_000, "usd")
    assert world.alerts.codes == ["extra_payment"]
    assert not world.held()
    assert row.confirmation is None


async def test_money_for_what_is_closed_between_read_and_write_is_late() -> None:
    world = World()
    purchase = await checked_out(world)
    paid = world.payments.pay(session_of(purchase))

    async def close() -> None:
        step = close_on_word(ClosedReason.EXPIRED)
        await world.purchases.change(purchase.id, step, at=NOON, by="another")

    world.gate.once("before purchases.change", close)

    assert await world.tell(paid) is EventOutcome.APPLIED

    row = world.row(purchase)
    assert row.status is Status.CLOSED
    assert [e.reason for e in row.extra_payments] == [ExtraReason.LATE]


@pytest.mark.parametrize(
    ("amount", "currency"), [(4_999, "usd"), (5_001, "usd"), (5_000, "eur")]
)
@pytest.mark.parametrize("status", [Status.PENDING, Status.CLOSING])
async def test_a_wrong_sum_goes_back_and_closes(
    amount: int, currency: str, status: Status
) -> None:
    world = World()
    purchase = await checked_out(world)
    world.store.rows[purchase.id] = replace(purchase, status=status)
    wrong = world.payments.pay(session_of(purchase), amount, currency=currency)

    for _ in range(2):
        await world.tell(wrong)

    row = world.row(purchase)
    assert (row.status, row.closed_reason) == (Status.CLOSED, ClosedReason.FAILED)
    assert [e.reason for e in row.extra_payments] == [ExtraReason.WRONG_AMOUNT]
    assert (row.extra_payments[0].amount, row.extra_payments[0].currency) == (
        amount,
        currency,
    )
    assert (row.paid, world.alerts.codes) == (None, ["extra_payment"])
    assert not world.held()


async def test_a_second_payment_goes_back_and_the_first_is_kept() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    second = replace(
        world.session(bought), id=SessionId("cs_second"), payment_intent="pi_second"
    )

    for _ in range(2):
        await world.tell(second)

    row = world.row(bought)
    assert (row.status, row.paid) == (Status.COMPLETED, bought.paid)
    assert [e.reason for e in row.extra_payments] == [ExtraReason.SECOND]
    assert world.alerts.codes == ["extra_payment"]
    assert (world.bell.rung, world.held()) == (1, frozenset({row.id}))


async def test_a_payment_in_a_foreign_session_goes_back_and_the_page_stays() -> None:
    world = World()
    purchase = await checked_out(world)
    foreign = a_paid_session(
        id=SessionId("cs_foreign"), purchase_id=purchase.id, amount_total=5_000
    )

    await world.tell(foreign)

    row = world.row(purchase)
    assert [e.reason for e in row.extra_payments] == [ExtraReason.FOREIGN_SESSION]
    assert (row.status, row.pay_url) == (Status.PENDING, purchase.pay_url)
    await world.tell(world.payments.pay(session_of(purchase)))
    assert world.row(purchase).status is Status.COMPLETED


async def test_the_sixth_extra_payment_is_an_orphan() -> None:
    world = World()
    bought = await world.bought()
    extras = [
        replace(
            world.session(bought), id=SessionId(f"cs_{n}"), payment_intent=f"pi_{n}"
        )
        for n in range(6)
    ]

    for session in [*extras, *extras]:
        assert await world.tell(session) is EventOutcome.APPLIED

    assert len(world.row(bought).extra_payments) == 5
    (orphan,) = world.orphans.stored.values()
    assert (orphan.reason, orphan.session) == (OrphanReason.NO_ROOM, extras[5])
    assert orphan.event_id == "evt_7"
    assert world.alerts.codes == ["extra_payment"] * 6
