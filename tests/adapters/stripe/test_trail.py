"""What our calls of Stripe leave in the history of a purchase."""

import pytest
from structlog.contextvars import bound_contextvars

from application.ports.payments import PaymentGatewayUnavailable, PaymentRefused
from application.ports.trail import TrailEntry, TrailKind
from domain.ids import SessionId
from tests.adapters.stripe.conftest import Line
from tests.adapters.stripe.objects import NOON, refund_json, session_json
from tests.adapters.stripe.scripted import fails, says
from tests.adapters.stripe.wordings import P1, compose

CS1 = SessionId("cs_test_1")


def only(line: Line) -> TrailEntry:
    [entry] = line.trail.waiting
    return entry


async def test_it_tells_stripes_names_for_our_requests(line: Line) -> None:
    line.stripe.plays(
        fails(500),
        says(session_json(), 200, **{"Request-Id": "req_2"}),
    )

    with bound_contextvars(request_id="ours-1"):
        await line.gateway.create_session(P1, compose(line.gateway))

    told = only(line)
    assert (told.kind, told.what, told.at) == (TrailKind.CALL, "create_session", NOON)
    assert told.subjects == (P1,)
    assert {**told.facts, "ms": 0} == {
        "outcome": "answered",
        "ms": 0,
        "stripeRequestIds": "req_1 req_2",
        "requestId": "ours-1",
    }


async def test_it_tells_why_there_was_no_answer(line: Line) -> None:
    line.stripe.plays(fails(400, code="parameter_missing"))
    with pytest.raises(PaymentRefused):
        await line.gateway.create_session(P1, compose(line.gateway))
    line.stripe.plays(fails(503))
    with pytest.raises(PaymentGatewayUnavailable):
        await line.gateway.get_session(CS1)

    outcomes = [entry.facts["outcome"] for entry in line.trail.waiting]
    assert outcomes == ["parameter_missing", "failed"]


async def test_a_refund_is_found_under_its_payment_and_its_purchase(line: Line) -> None:
    line.stripe.plays(says(refund_json()))

    await line.gateway.refunds.create_refund(
        key="rf:r1", payment_intent="pi_1", amount=5, purchase_id=P1, row_id="r1"
    )

    assert only(line).subjects == ("r1", "pi_1", P1)


async def test_a_list_of_what_happened_is_nobodys_history(line: Line) -> None:
    line.stripe.plays(says({"object": "list", "data": [], "has_more": False}))

    assert [each async for each in line.gateway.history.sessions_since(NOON)] == []

    assert line.trail.waiting == []
