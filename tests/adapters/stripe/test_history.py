from datetime import timedelta
from typing import Any

import pytest

from application.ports.payments import PaymentGatewayUnavailable
from tests.adapters.stripe.conftest import Line
from tests.adapters.stripe.objects import EPOCH_NOON, NOON, session_json
from tests.adapters.stripe.scripted import fails, says

SINCE = NOON - timedelta(hours=1)


def page(*sessions: dict[str, Any], has_more: bool = False) -> dict[str, Any]:
    return {
        "object": "list",
        "data": list(sessions),
        "has_more": has_more,
        "url": "/v1/checkout/sessions",
    }


async def heard(line: Line) -> list[str]:
    return [session.id async for session in line.gateway.sessions_since(SINCE)]


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
