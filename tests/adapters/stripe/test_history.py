from datetime import timedelta
from typing import Any

import pytest

from application.ports.payment_events import EventKind
from application.ports.payments import PaymentGatewayUnavailable
from tests.adapters.stripe.conftest import Line
from tests.adapters.stripe.objects import (
    EPOCH_NOON,
    METADATA,
    NOON,
    dispute_json,
    event_json,
    refund_json,
    session_json,
)
from tests.adapters.stripe.scripted import fails, says

SINCE = NOON - timedelta(hours=1)
KNOWN = {kind.value for kind in EventKind if kind is not EventKind.OTHER}


def page(*sessions: dict[str, Any], has_more: bool = False) -> dict[str, Any]:
    return {
        "object": "list",
        "data": list(sessions),
        "has_more": has_more,
        "url": "/v1/checkout/sessions",
    }


async def heard(line: Line) -> list[str]:
    return [session.id async for session in line.gateway.history.sessions_since(SINCE)]


async def test_page_after_page_is_listed_from_a_moment_on(line: Line) -> None:
    line.stripe.plays(
        says(page(session_json(id="cs_1"), session_json(id="cs_2"), has_more=True)),
        says(page(session_json(id="cs_3"))),
    )

    assert await heard(line) == ["cs_1", "cs_2", "cs_3"]

    first, second = line.stripe.received
    assert first.form["created[gte]"] == str(EPOCH_NOON - 3600)
    assert second.form["starting_after"] == "cs_2"


async def test_what_is_not_ours_or_not_readable_stops_nothing(line: Line) -> None:
    foreign = session_json(id="cs_foreign", metadata={}, amount_total=None)
    odd = session_json(id="cs_odd", amount_total=None)
    line.stripe.plays(says(page(foreign, odd, session_json(id="cs_1"))))

    assert await heard(line) == ["cs_1"]
    assert line.alerts.codes == ["stripe_answer_unreadable"]
    assert line.alerts.sent[0].facts["subject"] == "cs_odd"


async def test_a_page_that_does_not_come_ends_the_list_loudly(line: Line) -> None:
    line.stripe.plays(
        says(page(session_json(id="cs_1"), has_more=True)), *[fails(500)] * 3
    )
    with pytest.raises(PaymentGatewayUnavailable):
        await heard(line)


async def test_only_events_of_kinds_that_we_know_are_asked_for(line: Line) -> None:
    odd = event_json(id="evt_odd", data={"object": {"metadata": METADATA}})
    foreign = event_json(id="evt_foreign", data={"object": {"metadata": {}}})
    line.stripe.plays(says(page(odd, foreign, event_json(id="evt_1"))))

    told = [event.id async for event in line.gateway.history.events_since(SINCE)]

    assert told == ["evt_odd", "evt_1"]
    asked = line.stripe.received[0].form
    assert asked["created[gte]"] == str(EPOCH_NOON - 3600)
    assert {v for name, v in asked.items() if name.startswith("types[")} == KNOWN
    assert not line.alerts.sent  # whoever hears the odd one will hold it


async def test_an_event_of_another_form_stops_no_other(line: Line) -> None:
    line.stripe.plays(says(page(event_json(id="evt_odd", type=None), event_json())))

    told = [event.id async for event in line.gateway.history.events_since(SINCE)]

    assert told == ["evt_1"]
    assert [alert.facts["subject"] for alert in line.alerts.sent] == ["evt_odd"]


async def test_a_refund_or_a_dispute_that_cannot_be_read_stops_no_other(
    line: Line,
) -> None:
    """Those of others are none of our business; a dispute never says whose it is."""
    history = line.gateway.history
    odd = refund_json(id="re_odd", status="mislaid")
    foreign = refund_json(id="re_foreign", payment_intent=None, metadata={})
    line.stripe.plays(
        says(page(odd, foreign, refund_json())),
        says(page(dispute_json(id="dp_odd", status="mislaid"), dispute_json())),
    )

    refunds = [refund.id async for refund in history.refunds_since(SINCE)]
    disputes = [report.dispute.id async for report in history.disputes_since(SINCE)]

    assert (refunds, disputes) == (["re_1"], ["dp_1"])
    assert [alert.facts["subject"] for alert in line.alerts.sent] == ["re_odd"]


async def test_silence_does_not_mean_that_an_event_is_gone(line: Line) -> None:
    gone = fails(404, code="resource_missing", param="id")
    line.stripe.plays(gone, *[fails(500)] * 3, fails(401), says(event_json()))
    history = line.gateway.history

    assert await history.event("evt_1") is None
    for _ in range(2):
        with pytest.raises(PaymentGatewayUnavailable):
            await history.event("evt_1")
    found = await history.event("evt_1")

    assert found is not None
    assert found.id == "evt_1"
