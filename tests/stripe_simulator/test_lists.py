import stripe

from tests.servers.stripe_simulator import RunningSimulator
from tests.stripe_simulator.checkouts import open_checkout
from tests.stripe_simulator.refusing import refused


async def test_the_newest_comes_first_in_pages_of_ten(
    client: stripe.StripeClient,
) -> None:
    opened = [(await open_checkout(client)).id for _ in range(12)]

    first = await client.v1.checkout.sessions.list_async()

    assert [row.id for row in first.data] == opened[::-1][:10]
    assert first.has_more is True


async def test_cursors_walk_both_ways(client: stripe.StripeClient) -> None:
    a, b, c, d = [(await open_checkout(client)).id for _ in range(4)]
    sessions = client.v1.checkout.sessions

    older = await sessions.list_async({"starting_after": c, "limit": 1})
    newer = await sessions.list_async({"ending_before": b, "limit": 1})
    oldest = await sessions.list_async({"starting_after": b})

    assert ([row.id for row in older.data], older.has_more) == ([b], True)
    assert ([row.id for row in newer.data], newer.has_more) == ([c], True)
    assert ([row.id for row in oldest.data], oldest.has_more) == ([a], False)
    everything = await sessions.list_async({"limit": 2})
    walked = [row.id async for row in everything.auto_paging_iter()]
    assert walked == [d, c, b, a]


async def test_an_unknown_cursor_is_refused(client: stripe.StripeClient) -> None:
    with refused() as refusal:
        await client.v1.checkout.sessions.list_async({"starting_after": "cs_test_x"})

    assert (refusal.status, refusal.param) == (400, "starting_after")


async def test_a_page_has_at_most_a_hundred(client: stripe.StripeClient) -> None:
    for limit in (0, 101):
        with refused() as refusal:
            await client.v1.checkout.sessions.list_async({"limit": limit})
        assert refusal.param == "limit"


async def test_sessions_are_filtered_by_status_and_payment_intent(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    still_open = await open_checkout(client)
    paid = await open_checkout(client)
    await simulator.press(paid.id, "pay")
    sessions = client.v1.checkout.sessions
    paid = await sessions.retrieve_async(paid.id)

    opened = await sessions.list_async({"status": "open"})
    complete = await sessions.list_async({"status": "complete"})
    by_intent = await sessions.list_async({"payment_intent": str(paid.payment_intent)})

    assert [row.id for row in opened.data] == [still_open.id]
    assert [row.id for row in complete.data] == [paid.id]
    assert [row.id for row in by_intent.data] == [paid.id]


async def test_sessions_are_filtered_by_when_they_were_created(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    early = await open_checkout(client)
    await simulator.advance(100)
    late = await open_checkout(client)
    sessions = client.v1.checkout.sessions

    since = await sessions.list_async({"created": {"gte": late.created}})
    after = await sessions.list_async({"created": {"gt": early.created}})
    until = await sessions.list_async({"created": {"lte": early.created}})
    before = await sessions.list_async({"created": {"lt": late.created}})
    exactly = await sessions.list_async({"created": early.created})

    assert [row.id for row in since.data] == [late.id]
    assert [row.id for row in after.data] == [late.id]
    for answer in (until, before, exactly):
        assert [row.id for row in answer.data] == [early.id]


async def test_events_are_filtered_by_type_and_by_delivery(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    await simulator.webhooks(paused=True)
    await simulator.press(session.id, "pay")
    events = client.v1.events

    one = await events.list_async({"type": "charge.succeeded"})
    two = await events.list_async(
        {"types": ["charge.succeeded", "checkout.session.completed"]}
    )
    family = await events.list_async({"type": "checkout.session.*"})
    undelivered = await events.list_async({"delivery_success": False})

    assert [event.type for event in one.data] == ["charge.succeeded"]
    assert [event.type for event in two.data] == [
        "checkout.session.completed",
        "charge.succeeded",
    ]
    assert [event.type for event in family.data] == ["checkout.session.completed"]
    assert len(undelivered.data) == 3
    await simulator.flush()
    delivered = await events.list_async({"delivery_success": True})
    assert len(delivered.data) == 3


async def test_event_types_are_at_most_twenty_and_said_in_one_way(
    client: stripe.StripeClient,
) -> None:
    with refused() as too_many:
        await client.v1.events.list_async({"types": [f"a.b{n}" for n in range(21)]})
    with refused() as both:
        await client.v1.events.list_async({"types": ["a.b"], "type": "a.b"})

    assert (too_many.param, both.param) == ("types", "types")


async def test_ending_before_the_last_good_event_gives_what_was_missed_in_order(
    client: stripe.StripeClient,
) -> None:
    sessions = [await open_checkout(client) for _ in range(4)]
    for session in sessions:
        await client.v1.checkout.sessions.expire_async(session.id)
    everything = await client.v1.events.list_async()
    last_good = everything.data[-1].id

    missed = await client.v1.events.list_async({"ending_before": last_good, "limit": 2})
    walked = [event.id async for event in missed.auto_paging_iter()]

    assert walked == [event.id for event in reversed(everything.data[:-1])]


async def test_events_are_forgotten_after_thirty_days(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    await client.v1.checkout.sessions.expire_async(session.id)

    await simulator.advance(30 * 86400 + 60)

    assert (await client.v1.events.list_async()).data == []
