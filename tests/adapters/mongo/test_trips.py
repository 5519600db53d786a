"""How many commands each call costs, counted on the wire."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.mongo.survey import RESTLESS
from application.ports.event_log import EventFacts
from application.ports.findings import KnownFinding
from application.ports.programs import ProgramState, TermsChanged
from application.ports.purchases import (
    LivePurchaseExists,
    OrderNumberTaken,
    StuckPurchase,
)
from domain.class_rep import SpotsExhausted
from domain.findings import Finding, FindingKind
from domain.ids import OrderNumber, ProgramId, PurchaseId, SessionId
from domain.orphans import Orphan, OrphanReason
from domain.purchase import PaymentMethod, Status
from domain.transitions import MarkReserved
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.examples import (
    ADA,
    CHESS,
    CHOIR,
    GRACE,
    NOON,
    act,
    extra_payment,
    mail,
    paid_session,
    program,
    purchase,
)
from tests.contracts.test_event_log import HELD

ONE = PurchaseId("one")
TWO = PurchaseId("two")
STUCK = StuckPurchase(id=ONE, status=Status.CREATING)
LEAK = Finding.of(FindingKind.LEAKED_SPOT, "choir/one")
LOST = Orphan.found(paid_session(), reason=OrphanReason.NO_ROOM, event_id=None, at=NOON)

EVENT = EventFacts(id="evt_new", kind="refund.created")

Call = Callable[[Mongo], Awaitable[Any]]
CALLS: dict[str, tuple[Call, list[str]]] = {
    "add": (lambda m: m.purchases.add(purchase("new", buyer=GRACE)), ["insert"]),
    "get": (lambda m: m.purchases.get(ONE), ["find"]),
    "abandoned_since": (
        lambda m: m.purchases.abandoned_since(NOON, limit=9),
        ["find"] * 2,
    ),
    "find_live": (
        lambda m: m.purchases.find_live(buyer_id=ADA, program_id=CHOIR),
        ["find"],
    ),
    "find_by_session": (
        lambda m: m.purchases.find_by_session(SessionId("cs_1")),
        ["find"],
    ),
    "terminal_among": (lambda m: m.purchases.terminal_among([ONE, TWO]), ["find"]),
    "the only page": (
        lambda m: m.purchases.page_of(ADA, statuses=list(Status), page=1, size=10),
        ["find"],
    ),
    "a full page": (
        lambda m: m.purchases.page_of(ADA, statuses=list(Status), page=1, size=1),
        ["find", "aggregate"],
    ),
    "change": (
        lambda m: m.purchases.change(ONE, MarkReserved(), at=NOON, by="test"),
        ["update"],
    ),
    "change of another status": (
        lambda m: m.purchases.change(TWO, MarkReserved(), at=NOON, by="test"),
        ["update"],
    ),
    "note_extra_payment": (
        lambda m: m.purchases.note_extra_payment(ONE, extra_payment(), at=NOON),
        ["update"],
    ),
    "note_extra_payment again": (
        lambda m: m.purchases.note_extra_payment(TWO, extra_payment(), at=NOON),
        ["update", "find"],
    ),
    "find_by_payment_intent": (
        lambda m: m.purchases.find_by_payment_intent("pi_cs_late"),
        ["find", "find"],
    ),
    "owing": (lambda m: m.purchases.owing(at=NOON, limit=5), ["find", "find"]),
    "unsettled": (lambda m: m.purchases.unsettled(limit=5), ["find"]),
    "swap_money": (
        lambda m: m.purchases.swap_money(purchase(), purchase(), at=NOON, by="test"),
        ["update"],
    ),
    "note_processing": (
        lambda m: m.purchases.note_processing(ONE, at=NOON),
        ["update"],
    ),
    "note_payment_method": (
        lambda m: m.purchases.note_payment_method(ONE, PaymentMethod(type="card")),
        ["update"],
    ),
    "anonymise": (
        lambda m: m.purchases.anonymise(purchase(status=Status.CLOSED)),
        ["update"],
    ),
    "forget payers": (lambda m: m.orphans.anonymise(ONE), ["update"]),
    "note_act": (lambda m: m.purchases.note_act(ONE, act()), ["update"]),
    "claim_look": (
        lambda m: m.purchases.claim_look(ONE, at=NOON, not_since=NOON),
        ["update"],
    ),
    "stuck": (
        lambda m: m.purchases.stuck([Status.CREATING], before=NOON, at=NOON, limit=9),
        ["find", "find"],
    ),
    "claim_drive": (
        lambda m: m.purchases.claim_drive(STUCK, at=NOON, until=NOON),
        ["update"],
    ),
    "note_drive_failure": (
        lambda m: m.purchases.note_drive_failure(ONE),
        ["update"],
    ),
    "due": (lambda m: m.outbox.due(at=NOON, limit=5), ["find"] * 3),
    "unsent": (lambda m: m.outbox.unsent(limit=5), ["find"] * 6),
    "swap": (lambda m: m.outbox.swap(TWO, mail(), mail().sent()), ["update"]),
    "note a finding": (
        lambda m: m.findings.note(LEAK, at=NOON),
        ["findAndModify", "update"],
    ),
    "claim_telling": (
        lambda m: m.findings.claim_telling(
            KnownFinding(finding=LEAK, first_seen=NOON, last_seen=NOON),
            at=NOON,
            until=NOON,
        ),
        ["findAndModify"],
    ),
    "mark_told": (
        lambda m: m.findings.mark_told(LEAK, claim=NOON, at=NOON),
        ["findAndModify"],
    ),
    "put_off_telling": (
        lambda m: m.findings.put_off_telling("x", claim=NOON, until=NOON),
        ["findAndModify"],
    ),
    "give_up_telling": (
        lambda m: m.findings.give_up_telling("x", claim=NOON),
        ["findAndModify"],
    ),
    "left_untold": (lambda m: m.findings.left_untold(at=NOON, limit=9), ["find"]),
    "mark_gone": (lambda m: m.findings.mark_gone("x", at=NOON), ["findAndModify"]),
    "open findings": (lambda m: m.findings.open(limit=9), ["find"]),
    "the page of findings": (lambda m: m.findings.page(page=1, size=9), ["find"]),
    "the page of orphans": (
        lambda m: m.orphans.page(only_open=True, page=1, size=9),
        ["find"],
    ),
    "the page of events": (lambda m: m.event_log.page(page=1, size=9), ["find"]),
    "a full page of events": (
        lambda m: m.event_log.page(page=1, size=1),
        ["find", "aggregate"],
    ),
    "restless": (
        lambda m: m.survey.restless(after=None, limit=9),
        ["find"] * len(RESTLESS),
    ),
    "among": (lambda m: m.survey.among([ONE, TWO]), ["find"]),
    "paid_by": (lambda m: m.survey.paid_by(["pi_1"]), ["find", "find"]),
    "live_reps": (lambda m: m.survey.live_reps(CHOIR), ["find"]),
    "spot_books": (lambda m: m.survey.spot_books(after=None, limit=9), ["find"]),
    "spot_book": (lambda m: m.survey.spot_book(CHOIR), ["find"]),
    "record": (lambda m: m.orphans.record(LOST), ["insert"]),
    "quarantine": (
        lambda m: m.event_log.quarantine(EVENT, why="x", at=NOON, until=NOON),
        ["update"],
    ),
    "quarantine, held": (
        lambda m: m.event_log.quarantine(HELD.event, why="x", at=NOON, until=NOON),
        ["update", "update"],
    ),
    "due events": (lambda m: m.event_log.due(at=NOON, limit=5), ["find"]),
    "claim": (lambda m: m.event_log.claim(HELD, at=NOON, until=NOON), ["update"]),
    "put_off": (lambda m: m.event_log.put_off(HELD, until=NOON), ["update"]),
    "resolve": (
        lambda m: m.event_log.resolve("evt_1", outcome="applied", at=NOON),
        ["update"],
    ),
    "give_up": (lambda m: m.event_log.give_up("evt_1", at=NOON), ["update"]),
    "note": (lambda m: m.event_log.note(EVENT, outcome="x", at=NOON), ["update"]),
    "get event": (lambda m: m.event_log.get("evt_1"), ["find"]),
    "held events": (lambda m: m.event_log.held(limit=5), ["find", "find"]),
    "add program": (
        lambda m: m.programs.add(program(ProgramId("new"))),
        ["insert"],
    ),
    "get program": (lambda m: m.programs.get(CHOIR), ["find"]),
    "active_page": (lambda m: m.programs.active_page(page=1, size=10), ["find"]),
    "spot_holders": (lambda m: m.programs.spot_holders(CHOIR), ["find"]),
    "ids_with_holders": (
        lambda m: m.programs.ids_with_holders(after=None, limit=9),
        ["find"],
    ),
    "paid_spots": (lambda m: m.survey.paid_spots([CHOIR, CHESS]), ["aggregate"]),
    "a page of programs": (
        lambda m: m.programs.page(state=ProgramState.ALL, search="c", page=1, size=9),
        ["find"],
    ),
    "change of a program": (
        lambda m: m.programs.change(program(), program(revision=2), drain=False),
        ["update"],
    ),
    "reserve_spot": (
        lambda m: m.programs.reserve_spot(CHOIR, ONE, limit=10),
        ["update"],
    ),
    "reserve_spot, held": (
        lambda m: m.programs.reserve_spot(CHESS, TWO, limit=1),
        ["update", "find"],
    ),
    "reserve_spot, stale limit": (
        lambda m: m.programs.reserve_spot(CHOIR, ONE, limit=5),
        ["update", "find", "update"],
    ),
    "release_spot": (lambda m: m.programs.release_spot(CHESS, TWO), ["update"]),
}


@pytest.fixture
async def stocked(mongo: Mongo) -> Mongo:
    """Two purchases of ada, two programs, one of them full, and an event held."""
    await mongo.purchases.add(purchase())
    await mongo.purchases.add(
        purchase(
            "two",
            program_id=CHESS,
            status=Status.COMPLETED,
            confirmation=mail(),
            extra_payments=(extra_payment(),),
        )
    )
    await mongo.programs.add(program())
    await mongo.programs.add(program(CHESS, limit=1))
    await mongo.programs.reserve_spot(CHESS, TWO, limit=1)
    await mongo.event_log.quarantine(HELD.event, why="x", at=NOON, until=NOON)
    mongo.trips.commands.clear()
    return mongo


@pytest.mark.parametrize("name", list(CALLS))
async def test_a_call_costs_these_trips(stocked: Mongo, name: str) -> None:
    call, trips = CALLS[name]

    await call(stocked)

    assert stocked.trips.commands == trips


async def test_a_second_purchase_is_refused_in_one_trip(stocked: Mongo) -> None:
    with pytest.raises(LivePurchaseExists):
        await stocked.purchases.add(purchase("second"))

    assert stocked.trips.commands == ["insert"]


async def test_other_refusals_cost_one_trip_more(stocked: Mongo) -> None:
    with pytest.raises(OrderNumberTaken):
        await stocked.purchases.add(
            purchase("second", buyer=GRACE, order_number=OrderNumber("ORD-one"))
        )
    with pytest.raises(SpotsExhausted):
        await stocked.programs.reserve_spot(CHESS, ONE, limit=1)
    with pytest.raises(TermsChanged):
        await stocked.programs.reserve_spot(CHOIR, ONE, limit=10, revision=7)

    assert stocked.trips.commands == ["insert", *["find", "update"] * 2, "find"]


async def test_what_nobody_reads_is_not_fetched(stocked: Mongo) -> None:
    """Spots may be fifty thousand, a log fifty entries, and admins busy."""
    await stocked.purchases.note_act(ONE, act())
    await stocked.purchases.change(ONE, MarkReserved(), at=NOON, by="test")
    stocked.trips.replies.clear()

    for name in (
        "get",
        "owing",
        "find_live",
        "the only page",
        "get program",
        "active_page",
    ):
        await CALLS[name][0](stocked)
    await CALLS["ids_with_holders"][0](stocked)
    await CALLS["due"][0](stocked)
    await CALLS["reserve_spot, stale limit"][0](stocked)

    replies = repr(stocked.trips.replies)
    assert "order_number" in replies
    assert "'log'" not in replies
    assert "'acts'" not in replies
    assert "'spots'" not in replies
