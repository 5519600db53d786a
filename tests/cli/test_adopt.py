"""Take over what the first system left: the plan, the doing, the command."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from bson import ObjectId

from application.ports.payments import PaymentGatewayUnavailable
from application.reconcile import PlanChanged
from tests.cli.command import Result, spothold
from tests.cli.predecessor import ADA, CHESS, CHOIR, GRACE, as_rep, program
from tests.cli.removal import OLD, SALE, Removal, removal_of, why


@pytest.fixture
async def removal(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> AsyncIterator[Removal]:
    async with removal_of(mongo_uri, database_name, tmp_path) as here:
        yield here


async def test_a_dry_run_writes_nowhere(removal: Removal) -> None:
    await removal.has(removal.orders.paid(), removal.orders.row(GRACE))
    before = [await removal.rows(each, removal.theirs) for each in OLD]

    plan = await removal.planned()

    assert len(plan.purchases) == 2
    assert [await removal.rows(each) for each in OLD] == [[], []]
    assert [await removal.rows(each, removal.theirs) for each in OLD] == before
    asked = await removal.stripe.requests()
    assert {each["method"] for each in asked} <= {"GET"}


async def test_ids_prices_and_people_are_kept(removal: Removal) -> None:
    bought = removal.orders.paid(**as_rep())
    await removal.has(bought)

    rows = await removal.adopted()

    row = rows[str(bought["_id"])]
    assert (row["status"], row["order_number"]) == ("completed", "ORD-20251016-00001")
    assert (row["user_id"], row["program_id"]) == (str(ADA), str(CHOIR))
    assert row["buyer"] == {"email": "ada@x.example", "name": "Ada L."}
    assert (row["quote"]["full"], row["quote"]["amount"]) == (90_000, 70_000)
    assert row["paid"]["payment_intent"] == "pi_test_1"
    assert row["completed_at"] == bought["purchaseDate"]
    assert row["acts"][0]["why"] == f"it was {bought['_id']}"
    [ours] = await removal.rows("programs")
    assert (ours["_id"], ours["full_price"], ours["active"]) == (
        str(CHOIR),
        90_000,
        True,
    )
    assert (ours["spots"], ours["class_rep_count"]) == ([row["_id"]], 1)


async def test_twice_is_once_and_what_was_theirs_stays(removal: Removal) -> None:
    page = await removal.session()
    await removal.has(
        removal.orders.paid(**as_rep()),
        removal.orders.row(GRACE, status="pending", stripeSessionId=page),
    )
    before = [await removal.rows(each, removal.theirs) for each in OLD]
    await removal.adopted()
    once = [await removal.rows(each) for each in OLD]

    plan = await removal.planned()
    await removal.adopted()

    assert (plan.purchases, plan.there) == ((), 2)
    assert [await removal.rows(each) for each in OLD] == once
    assert [await removal.rows(each, removal.theirs) for each in OLD] == before


async def test_what_was_cut_off_is_finished_by_the_next_run(removal: Removal) -> None:
    await removal.has(removal.orders.paid(**as_rep()))
    async with removal.adopting() as adopt:
        plan = await adopt.plan()
        steps = adopt(plan.hash, by="operator ada")
        await anext(steps)  # the purchase is here, its program is not
        await steps.aclose()
    assert await removal.rows("programs") == []

    await removal.adopted()

    [ours] = await removal.rows("programs")
    assert ours["class_rep_count"] == len(ours["spots"]) == 1


async def test_a_plan_that_no_longer_fits_is_refused(removal: Removal) -> None:
    await removal.has(removal.orders.paid())
    plan = await removal.planned()
    old = removal.client[removal.theirs]["purchases"]
    await old.insert_one(removal.orders.paid(GRACE))

    async with removal.adopting() as adopt:
        with pytest.raises(PlanChanged):
            await anext(adopt(plan.hash, by="operator ada"))

    assert await removal.rows("purchases") == []


async def test_a_plan_is_another_with_other_terms_prices_or_payments(
    removal: Removal,
) -> None:
    bought = removal.orders.paid(stripeRefundId="re_1")
    await removal.has(bought)
    old = removal.client[removal.theirs]
    hashes = []
    async with removal.adopting() as adopt:
        hashes.append((await adopt.plan()).hash)
        for change in ({"currency": "eur"}, {"time_zone": "Asia/Tokyo"}):
            other = replace(adopt.plan, sale=replace(SALE, **change))
            hashes.append((await other()).hash)
        for collection, row, field, value in (
            ("programs", CHOIR, "fullPriceTicket", 90_001),
            ("programs", CHOIR, "classRepDiscount", 1),
            ("programs", CHOIR, "earlyBirdDiscount", 1),
            ("programs", CHOIR, "earlyBirdDeadline", bought["createdAt"]),
            ("programs", CHOIR, "classRepLimit", 9),
            ("purchases", bought["_id"], "finalPrice", 1),
            ("purchases", bought["_id"], "stripeSessionId", "cs_test_other"),
            ("purchases", bought["_id"], "stripePaymentIntentId", "pi_test_other"),
            ("purchases", bought["_id"], "status", "refunded"),
            ("purchases", bought["_id"], "stripeRefundId", "re_2"),
        ):
            await old[collection].update_one({"_id": row}, {"$set": {field: value}})
            hashes.append((await adopt.plan()).hash)
        again = (await adopt.plan()).hash

    assert len(set(hashes)) == len(hashes) == 13
    assert again == hashes[-1]


# --- What is left out -----------------------------------------------------------------


async def test_what_cannot_be_decided_is_left_out_with_its_reason(
    removal: Removal,
) -> None:
    orders = removal.orders
    unpaid, other = await removal.session(), await removal.session(500, then="pay")
    later = await removal.session(then="pay-later")
    told = {
        "Stripe does not know its session": orders.row(status="pending"),
        "Stripe says it is not": orders.row(
            GRACE, status="completed", stripeSessionId=unpaid
        ),
        "names no payment": orders.row(ObjectId(), status="completed"),
        "was paid by pi_test_4, and names no session": orders.paid(
            ObjectId(), stripeSessionId=""
        ),
        "names no refund": orders.paid(ObjectId()) | {"status": "refunded"},
        "may yet be paid": orders.row(ObjectId(), stripeSessionId=later),
        "paid another amount": orders.row(
            ObjectId(), status="pending", stripeSessionId=other
        ),
        "its program is not among": orders.paid(programId=CHESS),
        "ticket of an event": orders.paid(ObjectId(), purchaseType="event"),
        "finalPrice": orders.paid(ObjectId(), finalPrice="90000"),
        "userId": orders.paid(None),
        "status": orders.row(ObjectId(), status="paid"),
        "fullPrice": orders.paid(ObjectId(), fullPrice=900.5),
    }
    await removal.has(*told.values())

    plan = await removal.planned()

    found = why(plan)
    assert len(found) == len(told)
    for said, row in told.items():
        assert said in found[str(row["_id"])], found
    assert plan.purchases == ()


async def test_terms_that_contradict_themselves_are_told(removal: Removal) -> None:
    no_deadline = program(earlyBirdDeadline=None)
    await removal.has(programs=(no_deadline, program(CHESS, title="Chess")))

    plan = await removal.planned()

    assert [each.was.title for each in plan.programs] == ["Chess"]
    assert "earlyBirdDeadline" in why(plan)[str(CHOIR)]


async def test_of_two_purchases_of_one_buyer_one_is_taken_and_both_are_named(
    removal: Removal,
) -> None:
    page = await removal.session()
    first, second = removal.orders.paid(), removal.orders.paid()
    pending = removal.orders.row(status="pending", stripeSessionId=page)
    await removal.has(pending, second, first)

    found = why(await removal.planned())
    rows = await removal.adopted()

    assert rows.keys() == {str(first["_id"])}
    assert found == {
        str(second["_id"]): f"the buyer has {first['_id']} of it already;"
        " give back pi_test_2",
        str(pending["_id"]): f"the buyer has {first['_id']} of it already;"
        f" see to {page}",
    }


# --- The command ----------------------------------------------------------------------


async def command(removal: Removal, *arguments: str, **changes: str) -> Result:
    ours = {
        "MONGODB_URI": removal.uri,
        "MONGODB_DATABASE": removal.ours,
        "STRIPE_API_BASE": removal.stripe.url,
    }
    where = ("--from-predecessor", removal.uri, "--database", removal.theirs)
    return await spothold(
        "adopt", *where, *arguments, folder=removal.folder, **(ours | changes)
    )


async def test_the_command_shows_a_plan_and_then_does_it(removal: Removal) -> None:
    bought = removal.orders.paid()
    await removal.has(bought, removal.orders.paid())

    shown = await command(removal, "--json")
    plan = json.loads(shown.out)
    done = await command(removal, "--apply", plan["plan"])
    late = await command(removal, "--apply", plan["plan"])

    assert (shown.code, done.code, late.code) == (1, 0, 2), done.err
    assert plan["purchases"][0]["was"] == str(bought["_id"])
    assert "Taken over: 2, failed: 0." in done.out


async def test_our_own_database_is_no_predecessor(removal: Removal) -> None:
    refused = await command(removal, MONGODB_DATABASE=removal.theirs)

    assert refused.code == 2
    assert "our own database" in refused.err


async def test_a_stripe_that_does_not_answer_makes_no_plan(removal: Removal) -> None:
    await removal.has(removal.orders.row(status="pending"))
    await removal.stripe.fault("status", status=500, count=None)

    with pytest.raises(PaymentGatewayUnavailable):
        await removal.planned()


async def test_a_plan_is_shown_as_tables(removal: Removal) -> None:
    await removal.has(removal.orders.row(status="pending"), removal.orders.paid())

    shown = await command(removal, "--currency", "EUR", "--time-zone", "Asia/Tokyo")

    assert shown.code == 1
    assert "the same with: --currency eur --time-zone Asia/Tokyo --apply " in shown.out
    assert "Stripe does not know its session" in shown.out
    assert "alert" not in shown.out + shown.err
