from contextlib import suppress
from dataclasses import replace

import pytest

from application.ports.purchases import (
    LivePurchaseExists,
    Noted,
    OrderNumberTaken,
    PurchaseNotFound,
)
from domain.ids import OrderNumber, ProgramId, PurchaseId, SessionId
from domain.purchase import (
    AWAITING_PAYMENT,
    ClosedReason,
    IllegalTransition,
    PaymentMethod,
    Status,
)
from domain.transitions import (
    MarkReserved,
    OpenForPayment,
    Transition,
    close_before_payment,
)
from tests.contracts.examples import (
    ADA,
    CHESS,
    CHOIR,
    GRACE,
    MINUTE,
    NOON,
    SECOND,
    act,
    complete,
    every_transition,
    extra_payment,
    open_session,
    purchase,
    quote,
)
from tests.contracts.storage import NO_UNIQUE_INDEXES, Storage, beyond_mongomock

ONE = PurchaseId("one")
NOBODY = PurchaseId("nobody's")
CANCEL = close_before_payment(ClosedReason.CANCELLED)


async def test_a_purchase_is_read_as_it_was_stored(storage: Storage) -> None:
    await storage.purchases.add(purchase())

    assert await storage.purchases.get(ONE) == purchase()


async def test_the_request_comes_back_word_for_word(storage: Storage) -> None:
    await storage.purchases.add(purchase())

    stored = (await storage.purchases.get(ONE)).request
    asked = purchase().request
    assert stored is not None
    assert asked is not None
    assert repr(stored.parameters) == repr(asked.parameters)


async def test_a_free_purchase_is_read_as_it_was_stored(storage: Storage) -> None:
    free = purchase(quote=quote(total=0), request=None)
    await storage.purchases.add(free)

    assert await storage.purchases.get(ONE) == free


async def test_an_unknown_purchase_is_not_found(storage: Storage) -> None:
    with pytest.raises(PurchaseNotFound):
        await storage.purchases.get(NOBODY)


async def test_storing_the_same_purchase_again_changes_nothing(
    storage: Storage,
) -> None:
    """That one is live it may say: whoever reads that one sees that it is the same."""
    await storage.purchases.add(purchase())
    await storage.purchases.change(ONE, MarkReserved(), at=NOON, by="test")

    with suppress(LivePurchaseExists):
        await storage.purchases.add(purchase())

    live = await storage.purchases.find_live(buyer_id=ADA, program_id=CHOIR)
    assert live is not None
    assert live.id == ONE
    assert (await storage.purchases.get(ONE)).status is Status.RESERVED


async def test_storing_a_purchase_again_after_its_end_changes_nothing(
    storage: Storage,
) -> None:
    await storage.purchases.add(purchase())
    await storage.purchases.change(ONE, CANCEL, at=NOON, by="test")
    await storage.purchases.add(purchase())
    await storage.purchases.add(purchase("two"))

    with suppress(LivePurchaseExists):  # the other one
        await storage.purchases.add(purchase())

    assert (await storage.purchases.get(ONE)).status is Status.CLOSED


@beyond_mongomock(NO_UNIQUE_INDEXES)
@pytest.mark.parametrize(
    "status", sorted(set(Status) - {Status.CLOSED, Status.REFUNDED})
)
async def test_a_buyer_has_one_live_purchase_of_a_program(
    storage: Storage, status: Status
) -> None:
    await storage.purchases.add(purchase(status=status))

    with pytest.raises(LivePurchaseExists):
        await storage.purchases.add(purchase("two"))
    with pytest.raises(PurchaseNotFound):
        await storage.purchases.get(PurchaseId("two"))


async def test_other_buyers_and_other_programs_do_not_matter(storage: Storage) -> None:
    await storage.purchases.add(purchase())

    await storage.purchases.add(purchase("two", buyer=GRACE))
    await storage.purchases.add(purchase("three", program_id=CHESS))


@pytest.mark.parametrize("status", [Status.CLOSED, Status.REFUNDED])
async def test_ended_purchases_do_not_matter(storage: Storage, status: Status) -> None:
    for name in ("one", "two"):
        await storage.purchases.add(purchase(name, status=status))

    await storage.purchases.add(purchase("three"))


async def test_closing_a_purchase_makes_way_for_another(storage: Storage) -> None:
    await storage.purchases.add(purchase())
    assert await storage.purchases.change(ONE, CANCEL, at=NOON, by="test")

    await storage.purchases.add(purchase("two"))

    live = await storage.purchases.find_live(buyer_id=ADA, program_id=CHOIR)
    assert live == purchase("two")


@beyond_mongomock(NO_UNIQUE_INDEXES)
async def test_an_order_number_is_given_once(storage: Storage) -> None:
    await storage.purchases.add(purchase())
    taken = purchase("two", buyer=GRACE, order_number=OrderNumber("ORD-one"))

    with pytest.raises(OrderNumberTaken):
        await storage.purchases.add(taken)


async def test_the_live_purchase_is_found(storage: Storage) -> None:
    await storage.purchases.add(purchase("old", status=Status.CLOSED))
    await storage.purchases.add(purchase())
    await storage.purchases.add(purchase("two", program_id=CHESS))

    find = storage.purchases.find_live
    assert await find(buyer_id=ADA, program_id=CHOIR) == purchase()
    assert await find(buyer_id=GRACE, program_id=CHOIR) is None


async def test_a_purchase_is_found_by_its_session(storage: Storage) -> None:
    await storage.purchases.add(purchase(status=Status.RESERVED))
    opened = OpenForPayment(session=open_session())
    await storage.purchases.change(ONE, opened, at=NOON, by="test")

    found = await storage.purchases.find_by_session(SessionId("cs_1"))

    assert found == purchase(status=Status.PENDING, session=open_session())
    assert await storage.purchases.find_by_session(SessionId("cs_2")) is None


async def test_those_that_ended_are_told_apart(storage: Storage) -> None:
    for status in Status:
        program = ProgramId(f"program-{status}")
        await storage.purchases.add(purchase(status, program_id=program, status=status))

    ids = [PurchaseId(status) for status in Status]
    found = await storage.purchases.terminal_among([*ids, NOBODY])

    assert found == {"closed", "refunded"}
    assert await storage.purchases.terminal_among([]) == frozenset()


async def three_of_ada(storage: Storage) -> None:
    """Store three, named otherwise than their age would have it."""
    statuses = (Status.CLOSED, Status.REFUNDED, Status.COMPLETED)
    names = ("m-oldest", "z-middle", "a-newest")
    for n, (name, status) in enumerate(zip(names, statuses, strict=True)):
        row = purchase(name, at=NOON + n * MINUTE, status=status)
        await storage.purchases.add(row)
    await storage.purchases.add(purchase("grace's", buyer=GRACE))


async def listed(
    storage: Storage, *statuses: Status, page: int = 1, size: int = 10
) -> tuple[list[str], int]:
    found = await storage.purchases.page_of(
        ADA, statuses=statuses, page=page, size=size
    )
    return [row.id for row in found.items], found.total


async def test_a_buyers_purchases_are_listed_newest_first(storage: Storage) -> None:
    await three_of_ada(storage)

    assert await listed(storage, *Status) == (
        ["a-newest", "z-middle", "m-oldest"],
        3,
    )


async def test_only_the_statuses_asked_for_are_listed(storage: Storage) -> None:
    await three_of_ada(storage)

    two = (Status.CLOSED, Status.COMPLETED)
    assert await listed(storage, *two) == (["a-newest", "m-oldest"], 2)
    assert await listed(storage) == ([], 0)


async def test_purchases_are_listed_by_the_page(storage: Storage) -> None:
    await three_of_ada(storage)

    assert await listed(storage, *Status, page=2, size=2) == (["m-oldest"], 3)
    assert await listed(storage, *Status, page=3, size=2) == ([], 3)


async def test_pages_do_not_overlap_when_moments_are_equal(storage: Storage) -> None:
    for name in "cfadbe":
        await storage.purchases.add(purchase(name, status=Status.CLOSED))

    pages = [await listed(storage, *Status, page=n, size=2) for n in (1, 2, 3)]

    assert [rows for rows, _ in pages] == [["f", "e"], ["d", "c"], ["b", "a"]]


@pytest.mark.parametrize("kind", range(len(every_transition("one"))))
async def test_a_change_does_what_the_rules_say(storage: Storage, kind: int) -> None:
    later = NOON + MINUTE
    for status in Status:
        program = ProgramId(f"program-{status}")
        before = purchase(status, program_id=program, status=status)
        transition = every_transition(status)[kind]
        await storage.purchases.add(before)

        told = await storage.purchases.change(
            before.id, transition, at=later, by="test"
        )

        try:
            expected = before.after(transition, at=later)
        except IllegalTransition:
            expected = before
        assert told == (expected != before)
        assert await storage.purchases.get(before.id) == expected
        live = await storage.purchases.find_live(buyer_id=ADA, program_id=program)
        assert live == (expected if expected.is_live else None)


async def test_an_unknown_purchase_does_not_change(storage: Storage) -> None:
    assert not await storage.purchases.change(
        NOBODY, MarkReserved(), at=NOON, by="test"
    )


@beyond_mongomock(NO_UNIQUE_INDEXES)
async def test_a_session_belongs_to_one_purchase(storage: Storage) -> None:
    await storage.purchases.add(purchase(status=Status.RESERVED))
    await storage.purchases.add(purchase("two", buyer=GRACE, status=Status.RESERVED))
    opened = OpenForPayment(session=open_session())
    await storage.purchases.change(ONE, opened, at=NOON, by="test")

    with pytest.raises(ValueError, match="session"):
        await storage.purchases.change(PurchaseId("two"), opened, at=NOON, by="test")


async def test_an_extra_payment_is_noted_once(storage: Storage) -> None:
    await storage.purchases.add(purchase())
    note = storage.purchases.note_extra_payment
    later = NOON + MINUTE

    assert await note(ONE, extra_payment(), at=later) is Noted.NEW
    assert await note(ONE, extra_payment(), at=later + MINUTE) is Noted.BEFORE

    expected = replace(
        purchase(),
        extra_payments=(extra_payment(),),
        updated_at=later,
        money_revision=1,
        unsettled_since=later,
    )
    assert await storage.purchases.get(ONE) == expected


async def test_there_is_room_for_five_extra_payments(storage: Storage) -> None:
    await storage.purchases.add(purchase(status=Status.CLOSED))
    note = storage.purchases.note_extra_payment
    extras = [extra_payment(f"cs_{n}") for n in range(6)]

    noted = [await note(ONE, extra, at=NOON) for extra in extras]

    assert noted == [Noted.NEW] * 5 + [Noted.NO_ROOM]
    assert await note(ONE, extras[2], at=NOON) is Noted.BEFORE
    assert (await storage.purchases.get(ONE)).extra_payments == tuple(extras[:5])


async def test_an_unknown_purchase_has_no_extra_payments(storage: Storage) -> None:
    with pytest.raises(PurchaseNotFound):
        await storage.purchases.note_extra_payment(NOBODY, extra_payment(), at=NOON)


@pytest.mark.parametrize("status", list(Status))
async def test_only_an_awaited_payment_is_under_way(
    storage: Storage, status: Status
) -> None:
    await storage.purchases.add(purchase(status=status))

    await storage.purchases.note_processing(ONE, at=NOON + MINUTE)

    is_awaited = status in AWAITING_PAYMENT
    expected = purchase(
        status=status,
        is_processing=is_awaited,
        updated_at=NOON + MINUTE if is_awaited else NOON,
    )
    assert await storage.purchases.get(ONE) == expected


async def test_the_payment_method_is_noted(storage: Storage) -> None:
    await storage.purchases.add(purchase(status=Status.COMPLETED))
    card = PaymentMethod(type="card", brand="visa", last4="4242")

    await storage.purchases.note_payment_method(ONE, card)

    expected = purchase(status=Status.COMPLETED, payment_method=card)
    assert await storage.purchases.get(ONE) == expected


async def test_an_act_changes_nothing_of_the_purchase(storage: Storage) -> None:
    await storage.purchases.add(purchase())

    await storage.purchases.note_act(ONE, act())

    assert await storage.purchases.get(ONE) == purchase()


async def test_nobody_acts_on_an_unknown_purchase(storage: Storage) -> None:
    with pytest.raises(PurchaseNotFound):
        await storage.purchases.note_act(NOBODY, act())


async def test_notes_on_an_unknown_purchase_store_nothing(storage: Storage) -> None:
    await storage.purchases.note_processing(NOBODY, at=NOON)
    await storage.purchases.note_payment_method(NOBODY, PaymentMethod(type="card"))

    with pytest.raises(PurchaseNotFound):
        await storage.purchases.get(NOBODY)


async def test_a_look_is_claimed_once_in_a_while(storage: Storage) -> None:
    await storage.purchases.add(purchase())

    async def claim(seconds: int) -> bool:
        at = NOON + seconds * SECOND
        return await storage.purchases.claim_look(ONE, at=at, not_since=at - 3 * SECOND)

    assert [await claim(n) for n in (0, 1, 2, 3, 4, 6)] == [
        True,
        False,
        False,
        True,
        False,
        True,
    ]


async def test_nobody_looks_for_an_unknown_purchase(storage: Storage) -> None:
    assert not await storage.purchases.claim_look(NOBODY, at=NOON, not_since=NOON)


async def test_a_completed_purchase_is_read_with_all_its_facts(
    storage: Storage,
) -> None:
    steps: list[Transition] = [
        MarkReserved(),
        OpenForPayment(session=open_session()),
        complete(),
    ]
    expected = purchase()
    await storage.purchases.add(expected)

    for step in steps:
        assert await storage.purchases.change(ONE, step, at=NOON, by="test")
        expected = expected.after(step, at=NOON)

    assert await storage.purchases.get(ONE) == expected
