"""What the first system did wrong, planted and taken over."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bson import ObjectId

from tests.cli.predecessor import GRACE, as_rep, program
from tests.cli.removal import Removal, remarks, removal_of


@pytest.fixture
async def removal(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> AsyncIterator[Removal]:
    async with removal_of(mongo_uri, database_name, tmp_path) as here:
        yield here


# --- What Stripe knows ----------------------------------------------------------------


async def test_an_open_checkout_can_still_be_paid(removal: Removal) -> None:
    page = await removal.session(70_000)
    rep = as_rep(status="pending", stripeSessionId=page)
    await removal.has(removal.orders.row(**rep))

    [row] = (await removal.adopted()).values()

    assert (row["status"], row["session"]["id"]) == ("pending", page)
    assert row["session"]["url"].startswith("http")
    assert (await removal.rows("programs"))[0]["spots"] == [row["_id"]]
    assert await removal.status_at_stripe(page) == "open"


async def test_what_was_paid_and_never_told_is_completed(removal: Removal) -> None:
    page = await removal.session(then="pay")
    await removal.has(removal.orders.row(status="pending", stripeSessionId=page))
    [said] = remarks(await removal.planned()).values()
    assert "Stripe was paid" in said[0]

    [row] = (await removal.adopted()).values()

    assert (row["status"], row["paid"]["session_id"]) == ("completed", page)
    assert row["effects"]["confirm"]["state"] == "due"


async def test_what_ran_out_is_closed_and_holds_no_spot(removal: Removal) -> None:
    page = await removal.session(70_000, then="expire")
    rep = as_rep(status="pending", stripeSessionId=page)
    await removal.has(removal.orders.row(**rep), programs=(program(classRepCount=1),))

    plan = await removal.planned()
    [row] = (await removal.adopted()).values()

    assert (row["status"], row["closed_reason"]) == ("closed", "expired")
    assert (await removal.rows("programs"))[0]["spots"] == []
    assert plan.programs[0].remarks == ("its counter said 1",)


async def test_a_cancelled_purchase_whose_page_is_open_is_closed_at_stripe(
    removal: Removal,
) -> None:
    page = await removal.session()
    await removal.has(removal.orders.row(stripeSessionId=page))

    [row] = (await removal.adopted()).values()

    assert (row["status"], row["closed_reason"]) == ("closed", "cancelled")
    assert await removal.status_at_stripe(page) == "expired"


async def test_money_for_a_cancelled_purchase_is_told_and_not_moved(
    removal: Removal,
) -> None:
    page = await removal.session(then="pay")
    await removal.has(removal.orders.row(stripeSessionId=page))

    [said] = remarks(await removal.planned()).values()
    [row] = (await removal.adopted()).values()

    assert "give it back" in said[0]
    assert row["status"] == "closed"
    assert (await removal.stripe.call("GET", "/v1/refunds"))[1]["data"] == []


async def test_a_payment_that_was_not_kept_is_looked_up(removal: Removal) -> None:
    page = await removal.session(then="pay")
    paid = {"status": "completed", "stripeSessionId": page}
    await removal.has(removal.orders.row(**paid))

    [row] = (await removal.adopted()).values()

    path = f"/v1/checkout/sessions/{page}"
    session = (await removal.stripe.call("GET", path))[1]
    assert row["paid"]["payment_intent"] == session["payment_intent"]


# --- Money that went back, promotions, spots, ids -------------------------------------


async def test_refunds_are_where_they_were(removal: Removal) -> None:
    orders = removal.orders
    refunded = orders.paid() | {"status": "refunded", "stripeRefundId": "re_1"}
    failed = orders.paid(GRACE) | {"status": "refund_failed"}
    unknown = orders.paid(ObjectId()) | {"status": "refund_processing"}
    await removal.has(refunded, failed, unknown)

    plan = await removal.planned()
    rows = await removal.adopted()

    seen = {
        key: (row["status"], [refund["state"] for refund in row.get("refunds", ())])
        for key, row in rows.items()
    }
    assert seen == {
        str(refunded["_id"]): ("refunded", ["done"]),
        str(failed["_id"]): ("completed", ["failed"]),
        str(unknown["_id"]): ("completed", []),
    }
    assert "see in Stripe" in remarks(plan)[str(unknown["_id"])][0]


async def test_a_refund_under_way_is_followed(removal: Removal) -> None:
    page = await removal.session(then="pay")
    path = f"/v1/checkout/sessions/{page}"
    intent = (await removal.stripe.call("GET", path))[1]["payment_intent"]
    form = f"payment_intent={intent}"
    refund = (await removal.stripe.call("POST", "/v1/refunds", form))[1]["id"]
    old = {"stripePaymentIntentId": intent, "stripeRefundId": refund}
    await removal.has(
        removal.orders.row(status="refund_processing", stripeSessionId=page, **old)
    )

    [row] = (await removal.adopted()).values()

    assert (row["status"], row["refunds"][0]["state"]) == ("refunded", "done")


async def test_what_cost_nothing_and_what_a_promotion_took_off(
    removal: Removal,
) -> None:
    free = removal.orders.row(
        status="completed", finalPrice=0, stripeSessionId="", promoDiscountAmount=90_000
    )
    promoted = removal.orders.paid(GRACE, finalPrice=80_000.0)
    await removal.has(free, promoted)

    rows = await removal.adopted()

    quotes = {key: row["quote"] for key, row in rows.items()}
    assert (quotes[str(free["_id"])]["full"], "paid" in rows[str(free["_id"])]) == (
        0,
        False,
    )
    assert quotes[str(promoted["_id"])]["full"] == 80_000


async def test_spots_are_counted_from_purchases_and_never_taken_away(
    removal: Removal,
) -> None:
    reps = [removal.orders.paid(ObjectId(), **as_rep()) for _ in range(3)]
    await removal.has(*reps, programs=(program(classRepCount=-1),))

    plan = await removal.planned()
    await removal.adopted()

    assert plan.programs[0].remarks == (
        "its counter said -1",
        "1 more than its limit",
    )
    [ours] = await removal.rows("programs")
    assert ours["spots"] == sorted(str(rep["_id"]) for rep in reps)
    assert (ours["class_rep_limit"], ours["class_rep_count"]) == (2, 3)


async def test_an_id_that_does_not_fit_is_mapped_the_same_each_time(
    removal: Removal,
) -> None:
    odd = "prog/choir & friends"
    bought = removal.orders.paid(programId=odd, _id="a b")
    await removal.has(bought, programs=(program(odd),))

    [row] = (await removal.adopted()).values()

    [ours] = await removal.rows("programs")
    assert row["_id"].startswith("adopted-")
    assert row["acts"][0]["why"] == "it was a b"
    assert row["program_id"] == ours["_id"]
    [entry] = await removal.rows("audit")
    assert entry["before"]["id"] == odd
    assert (await removal.planned()).there == 1
