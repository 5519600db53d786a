"""Reads: they show each buyer their own, and never write."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.check_access import AccessReason
from application.ports.programs import ProgramExists, ProgramNotFound
from application.ports.purchases import PurchaseNotFound
from application.terms import TermsRefused
from application.view_purchases import ReceiptNotAvailable
from domain.ids import ProgramId
from domain.purchase import Status
from tests.application.world import World
from tests.examples import ADA, CHOIR, GRACE, a_program, usd

NOTHING = {
    "is_free": True,
    "full_price": usd(0),
    "class_rep_discount": usd(0),
    "early_bird_discount": usd(0),
}


async def test_a_purchase_is_shown_to_its_buyer_and_to_nobody_else() -> None:
    world = World()
    answer = await world.check_out()
    view = world.service.view_purchases()

    assert await view.one(ADA.id, answer.purchase.id) == answer.purchase
    with pytest.raises(PurchaseNotFound):
        await view.one(GRACE.id, answer.purchase.id)


@pytest.mark.parametrize(
    ("status", "has_receipt"),
    [(status, status in {"completed", "refunding", "refunded"}) for status in Status],
)
async def test_there_is_a_receipt_of_what_was_completed_at_some_time(
    status: Status, *, has_receipt: bool
) -> None:
    world = World()
    bought = await world.bought()
    completed_at = bought.completed_at if has_receipt else None
    row = replace(bought, status=status, completed_at=completed_at)
    world.store.rows[row.id] = row
    view = world.service.view_purchases()

    if has_receipt:
        assert await view.receipt(ADA.id, row.id) == row
    else:
        with pytest.raises(ReceiptNotAvailable, match="only available for completed"):
            await view.receipt(ADA.id, row.id)
    with pytest.raises(PurchaseNotFound):
        await view.receipt(GRACE.id, row.id)


@pytest.mark.parametrize(
    ("status", "bought", "pending"),
    [
        (Status.CREATING, 0, 1),
        (Status.RESERVED, 0, 1),
        (Status.PENDING, 0, 1),
        (Status.CLOSING, 0, 1),
        (Status.COMPLETED, 1, 0),
        (Status.REFUNDING, 1, 0),
        (Status.REFUNDED, 1, 0),
        (Status.CLOSED, 0, 0),
    ],
)
async def test_each_purchase_is_bought_or_pending_or_neither(
    status: Status, bought: int, pending: int
) -> None:
    world = World()
    answer = await world.check_out()
    await world.check_out(GRACE)
    world.store.rows[answer.purchase.id] = replace(answer.purchase, status=status)
    view = world.service.view_purchases()

    assert (await view.bought(ADA.id, page=1, size=10)).total == bought
    assert (await view.pending(ADA.id, page=1, size=10)).total == pending


async def test_pages_come_newest_first() -> None:
    world = World()
    for _ in range(3):
        answer = await world.check_out()
        world.store.rows[answer.purchase.id] = replace(
            answer.purchase,
            status=Status.REFUNDED,
        )
        world.advance(timedelta(hours=1))
    view = world.service.view_purchases()

    first = await view.bought(ADA.id, page=1, size=2)
    second = await view.bought(ADA.id, page=2, size=2)

    dates = [row.created_at for row in (*first.items, *second.items)]
    assert dates == sorted(dates, reverse=True)
    assert (len(first.items), len(second.items), first.total) == (2, 1, 3)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (
            status,
            "purchased" if status in {"completed", "refunding"} else "not_purchased",
        )
        for status in Status
    ],
)
async def test_access_lasts_from_completion_until_a_refund_succeeded(
    status: Status, reason: str
) -> None:
    world = World()
    answer = await world.check_out()
    world.store.rows[answer.purchase.id] = replace(answer.purchase, status=status)

    access = await world.service.check_access()(ADA.id, CHOIR, is_admin=False)

    assert access == reason
    assert access.has_access is (reason == "purchased")


async def test_admins_and_everybody_for_a_free_program_have_access() -> None:
    world = World()
    check = world.service.check_access()

    assert await check(ADA.id, CHOIR, is_admin=True) is AccessReason.ADMIN
    assert await check(ADA.id, CHOIR, is_admin=False) is AccessReason.NOT_PURCHASED
    world.offer(a_program(**NOTHING))
    assert await check(ADA.id, CHOIR, is_admin=False) is AccessReason.FREE
    assert AccessReason.ADMIN.has_access
    assert AccessReason.FREE.has_access
    with pytest.raises(ProgramNotFound):
        await check(ADA.id, ProgramId("opera"), is_admin=True)


async def test_a_retired_program_stays_open_to_those_who_bought_it() -> None:
    world = World()
    await world.bought()
    world.offer(a_program(is_active=False))

    access = await world.service.check_access()(ADA.id, CHOIR, is_admin=False)

    assert access is AccessReason.PURCHASED


async def test_programs_for_sale_are_shown_with_the_spots_left() -> None:
    world = World()
    await world.check_out(as_class_rep=True)
    world.offer(a_program(id=ProgramId("opera"), title="Opera", is_active=False))
    view = world.service.view_programs()

    page = await view.page(page=1, size=10)

    assert [program.id for program in page.items] == [CHOIR]
    assert (await view.one(CHOIR)).spots_left == 9
    with pytest.raises(ProgramNotFound):
        await view.one(ProgramId("opera"))


async def test_a_program_is_created_once_and_in_a_known_time_zone() -> None:
    world = World()
    create = world.service.create_program()
    opera = a_program(id=ProgramId("opera"), title="Opera")

    await create(opera)

    assert await world.programs.get(opera.id) == opera
    with pytest.raises(ProgramExists):
        await create(opera)
    with pytest.raises(TermsRefused) as refusal:
        await create(replace(opera, id=ProgramId("x"), time_zone="Mars/Olympus"))
    assert refusal.value.field == "timeZone"
