"""Protocol 3.2, PAID and EXPIRED, as the provider's events bring them."""

from dataclasses import replace

import pytest

from application.ports.payment_events import EventKind, PaymentEvent
from application.ports.storage import StorageUnavailable
from application.receive_event import EventOutcome
from domain.checkout import CheckoutSession, Payer
from domain.ids import PurchaseId, SessionId
from domain.orphans import OrphanReason
from domain.outbox import MailState
from domain.purchase import ClosedReason, Payment, Purchase, Status
from domain.settlement import LivemodeMismatch
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import World, session_of
from tests.examples import HOLD, a_paid_session, usd

FAILED = EventKind.ASYNC_PAYMENT_FAILED
EXPIRED = EventKind.SESSION_EXPIRED


async def checked_out(world: World) -> Purchase:
    return (await world.check_out(as_class_rep=True)).purchase


async def test_a_payment_completes_the_purchase_and_makes_its_mail_due() -> None:
    world = World()
    purchase = await checked_out(world)
    paid = world.payments.pay(session_of(purchase))

    assert await world.tell(paid) is EventOutcome.APPLIED

    row = world.row(purchase)
    assert (row.status, row.completed_at) == (Status.COMPLETED, NOON)
    assert row.paid == Payment(
        session_id=paid.id,
        payment_intent=paid.payment_intent,
        amount=usd(5_000),
        event_id="evt_1",
    )
    assert row.payer == Payer(name="Ada", email="ada@example.org", country="GB")
    assert row.confirmation is not None
    assert row.confirmation.state is MailState.DUE
    assert row.confirmation.message_id == f"<confirm.{row.id}@mail.example>"
    assert (world.bell.rung, world.held()) == (1, frozenset({row.id}))
    assert not world.alerts.sent


async def test_a_duplicate_changes_nothing() -> None:
    world = World()
    bought = await world.bought()
    log = list(world.store.log)

    for _ in range(3):
        assert await world.tell(world.session(bought)) is EventOutcome.APPLIED

    assert (world.row(bought), world.store.log) == (bought, log)
    assert (world.bell.rung, world.alerts.sent) == (1, [])


async def test_an_event_may_overtake_the_write_that_saves_its_session() -> None:
    world = World()
    world.payments.lose_answer("create_session")

    async def pay_and_tell() -> None:
        (session,) = world.sessions
        await world.tell(world.payments.pay(session.id))

    world.gate.once("after payments.create_session", pay_and_tell)

    with pytest.raises(Exception, match="in progress"):
        await world.check_out()

    (purchase,) = world.rows
    assert purchase.status is Status.COMPLETED
    assert purchase.extra_payments == ()


@pytest.mark.parametrize("status", [Status.CLOSING, Status.PENDING])
async def test_a_session_without_our_id_is_known_by_itself(status: Status) -> None:
    world = World()
    purchase = await checked_out(world)
    world.store.rows[purchase.id] = replace(purchase, status=status)
    paid = world.payments.pay(session_of(purchase))

    await world.tell(replace(paid, purchase_id=None))

    assert world.row(purchase).status is Status.COMPLETED


# --- Nothing was paid ---


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(EXPIRED, ClosedReason.EXPIRED), (FAILED, ClosedReason.FAILED)],
)
async def test_a_session_that_can_no_longer_be_paid_closes_and_frees_the_spot(
    kind: EventKind, reason: ClosedReason
) -> None:
    world = World()
    purchase = await checked_out(world)
    ended = world.payments.expire_by_time(session_of(purchase))

    assert await world.tell(ended, kind) is EventOutcome.APPLIED
    assert await world.tell(ended, kind) is EventOutcome.APPLIED

    row = world.row(purchase)
    assert (row.status, row.closed_reason) == (Status.CLOSED, reason)
    assert not world.held()


async def test_an_expiry_after_a_cancel_keeps_the_buyers_reason() -> None:
    world = World()
    purchase = await checked_out(world)
    world.payments.lose_answer("expire_session")
    await world.cancel(purchase)

    await world.tell(world.session(purchase), EXPIRED)

    assert world.row(purchase).closed_reason is ClosedReason.CANCELLED
    assert not world.held()


async def test_an_expiry_repeated_after_a_crash_frees_the_spot() -> None:
    world = World()
    purchase = await checked_out(world)
    ended = world.payments.expire_by_time(session_of(purchase))
    world.gate.fail_once("before programs.release_spot", StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        await world.tell(ended, EXPIRED)
    assert world.held() == {purchase.id}

    await world.tell(ended, EXPIRED)

    assert not world.held()


@pytest.mark.parametrize("kind", [EXPIRED, FAILED])
async def test_the_end_of_a_foreign_session_says_nothing(kind: EventKind) -> None:
    world = World()
    purchase = await checked_out(world)
    foreign = replace(world.session(purchase), id=SessionId("cs_foreign"))

    assert await world.tell(foreign, kind) is EventOutcome.APPLIED

    assert world.row(purchase) == purchase
    assert world.held() == {purchase.id}


async def test_a_late_expiry_does_not_touch_what_was_bought() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)

    await world.tell(a_session_of(world, bought), EXPIRED)

    assert world.row(bought) == bought
    assert world.held() == {bought.id}


def a_session_of(world: World, purchase: Purchase) -> CheckoutSession:
    """Return the session as it was before it was paid."""
    session = a_paid_session(id=session_of(purchase), purchase_id=purchase.id)
    unpaid = world.payments.sessions[session.id].payment_status.UNPAID
    return replace(session, payment_status=unpaid)


@pytest.mark.parametrize("kind", [EXPIRED, FAILED])
async def test_the_money_in_a_session_counts_more_than_the_events_name(
    kind: EventKind,
) -> None:
    world = World()
    purchase = await checked_out(world)

    await world.tell(world.payments.pay(session_of(purchase)), kind)

    assert world.row(purchase).status is Status.COMPLETED
    assert world.held() == {purchase.id}


async def test_a_completed_session_without_money_waits_for_it() -> None:
    world = World()
    purchase = await checked_out(world)

    await world.tell(world.payments.pay_later(session_of(purchase)))

    row = world.row(purchase)
    assert (row.status, row.is_processing, row.pay_url) == (Status.PENDING, True, None)
    assert (row.confirmation, world.bell.rung) == (None, 0)


async def test_money_that_arrives_later_completes() -> None:
    world = World()
    purchase = await checked_out(world)
    await world.tell(world.payments.pay_later(session_of(purchase)))

    arrived = world.payments.clear_delayed(session_of(purchase))
    await world.tell(arrived, EventKind.ASYNC_PAYMENT_SUCCEEDED)

    row = world.row(purchase)
    assert (row.status, row.is_processing) == (Status.COMPLETED, False)


async def test_money_that_never_arrives_closes_and_frees_the_spot() -> None:
    world = World()
    purchase = await checked_out(world)
    await world.tell(world.payments.pay_later(session_of(purchase)))

    await world.tell(world.payments.fail_delayed(session_of(purchase)), FAILED)

    assert world.row(purchase).closed_reason is ClosedReason.FAILED
    assert not world.held()


# --- Whose is it? ---


async def test_money_of_ours_that_no_purchase_knows_is_recorded_once() -> None:
    world = World()
    stray = a_paid_session(purchase_id=PurchaseId("gone"))

    for _ in range(2):
        assert await world.tell(stray) is EventOutcome.ORPHANED

    (orphan,) = world.orphans.stored.values()
    assert (orphan.reason, orphan.session) == (OrphanReason.UNKNOWN_PURCHASE, stray)
    assert (orphan.event_id, orphan.found_at) == ("evt_1", NOON)
    assert world.alerts.codes == ["orphan_payment"]


@pytest.mark.parametrize("kind", [EventKind.SESSION_COMPLETED, EXPIRED, FAILED])
async def test_a_stray_session_that_nobody_paid_is_nothing(kind: EventKind) -> None:
    world = World()
    stray = a_session_unpaid(PurchaseId("gone"))

    assert await world.tell(stray, kind) is EventOutcome.IGNORED

    assert not world.orphans.stored
    assert not world.alerts.sent


def a_session_unpaid(purchase_id: PurchaseId | None) -> CheckoutSession:
    session = a_paid_session(purchase_id=purchase_id)
    return replace(session, payment_status=session.payment_status.UNPAID)


@pytest.mark.parametrize(
    "whose",
    [
        {"app": "another"},
        {"app": None},
        {"environment": "staging"},
        {"environment": None},
    ],
)
async def test_what_another_application_sold_is_left_alone(
    whose: dict[str, str | None],
) -> None:
    world = World()
    purchase = await checked_out(world)
    paid = world.payments.pay(session_of(purchase))
    world.gate.forget()

    outcome = await world.tell(replace(paid, **whose))  # type: ignore[arg-type]

    assert outcome is EventOutcome.FOREIGN
    assert not world.gate.calls
    assert world.row(purchase) == purchase


async def test_an_event_that_means_nothing_to_us_is_ignored() -> None:
    world = World()
    other = PaymentEvent(
        id="evt_1",
        kind=EventKind.OTHER,
        type_name="customer.created",
        livemode=False,
        created_at=NOON,
    )

    assert await world.service.receive_event()(other) is EventOutcome.IGNORED
    bare = replace(other, kind=EventKind.SESSION_COMPLETED)
    assert await world.service.receive_event()(bare) is EventOutcome.IGNORED
    with pytest.raises(LivemodeMismatch):
        await world.service.receive_event()(replace(other, livemode=True))


@pytest.mark.parametrize("kind", [EventKind.SESSION_COMPLETED, EXPIRED, FAILED])
async def test_an_event_of_the_other_mode_is_refused_and_reported(
    kind: EventKind,
) -> None:
    world = World()
    purchase = await checked_out(world)
    paid = world.payments.pay(session_of(purchase))

    with pytest.raises(LivemodeMismatch):
        await world.service.receive_event()(world.event(paid, kind, livemode=True))

    assert world.row(purchase) == purchase
    assert world.alerts.codes == ["livemode_mismatch"]
    assert world.held() == {purchase.id}


async def test_a_session_of_the_other_mode_inside_a_right_event_is_refused() -> None:
    world = World()
    purchase = await checked_out(world)
    paid = world.payments.pay(session_of(purchase))

    with pytest.raises(LivemodeMismatch):
        await world.tell(replace(paid, livemode=True))

    assert world.row(purchase) == purchase


# --- Only after the effect is durable ---


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_event_is_not_acknowledged_before_its_effect(when: str) -> None:
    world = World()
    purchase = await checked_out(world)
    paid = world.payments.pay(session_of(purchase))
    world.gate.fail_once(f"{when} purchases.change", StorageUnavailable())

    with pytest.raises(StorageUnavailable):
        await world.tell(paid)
    assert await world.tell(paid) is EventOutcome.APPLIED

    row = world.row(purchase)
    assert row.status is Status.COMPLETED
    assert row.extra_payments == ()
    assert row.confirmation is not None


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "call",
    ["purchases.note_extra_payment", "orphans.record", "purchases.note_processing"],
)
async def test_no_note_is_acknowledged_before_it_is_taken(when: str, call: str) -> None:
    world = World()
    purchase = await checked_out(world)
    session = {
        "purchases.note_extra_payment": a_paid_session(purchase_id=purchase.id),
        "orphans.record": a_paid_session(purchase_id=PurchaseId("gone")),
        "purchases.note_processing": world.payments.pay_later(session_of(purchase)),
    }[call]
    world.gate.fail_once(f"{when} {call}", StorageUnavailable())

    with pytest.raises(StorageUnavailable):
        await world.tell(session)
    await world.tell(session)

    row = world.row(purchase)
    noted = len(row.extra_payments) + len(world.orphans.stored) + row.is_processing
    assert noted == 1


async def test_a_purchase_that_keeps_moving_is_not_acknowledged() -> None:
    world = World()
    purchase = await checked_out(world)
    paid = world.payments.pay(session_of(purchase))
    stubborn = world.purchases

    async def lose_the_race() -> None:
        world.store.rows[purchase.id] = replace(purchase, status=Status.CREATING)

    async def come_back() -> None:
        world.store.rows[purchase.id] = purchase

    for _ in range(4):  # once unread, and three times after a look
        world.gate.once("before purchases.change", lose_the_race)
        world.gate.once("after purchases.change", come_back)

    with pytest.raises(StorageUnavailable):
        await world.tell(paid)
    assert stubborn.store.get(purchase.id).status is Status.PENDING


async def test_a_page_that_expired_on_time_is_told_by_the_provider_alone() -> None:
    world = World()
    purchase = await checked_out(world)
    world.advance(HOLD * 10)

    assert world.row(purchase).status is Status.PENDING
    assert world.held() == {purchase.id}
