"""What only this adapter can get wrong about refunds."""

from typing import Any

import pytest

from application.ports.payments import PaymentGatewayUnavailable
from application.ports.refunds import RefundRefused
from domain.ids import PurchaseId
from domain.refunding import RefundReport
from tests.adapters.stripe.conftest import Line
from tests.adapters.stripe.objects import METADATA, refund_json
from tests.adapters.stripe.scripted import fails, says


async def ask(line: Line, amount: int | None = 900) -> RefundReport:
    return await line.gateway.refunds.create_refund(
        key="rf:r-1",
        payment_intent="pi_1",
        amount=amount,
        purchase_id=PurchaseId("p-1"),
        row_id="r-1",
    )


def page(*refunds: dict[str, Any], has_more: bool = False) -> dict[str, Any]:
    return {
        "object": "list",
        "url": "/v1/refunds",
        "data": list(refunds),
        "has_more": has_more,
    }


async def test_a_refund_is_asked_for_by_our_key_with_our_names(line: Line) -> None:
    line.stripe.plays(says(refund_json()))

    await ask(line)

    (request,) = line.stripe.received
    assert (request.method, request.path, request.key) == (
        "POST",
        "/v1/refunds",
        "rf:r-1",
    )
    assert request.form == {
        "payment_intent": "pi_1",
        "amount": "900",
        "metadata[app]": "spothold",
        "metadata[environment]": "test",
        "metadata[purchase_id]": "p-1",
        "metadata[row_id]": "r-1",
    }


async def test_what_is_left_is_for_stripe_to_say(line: Line) -> None:
    line.stripe.plays(says(refund_json()))

    await ask(line, None)

    assert "amount" not in line.stripe.received[0].form


@pytest.mark.parametrize(
    ("status", "code", "already"),
    [
        (400, "charge_already_refunded", True),
        (400, "charge_disputed", False),
        (400, None, False),
        (402, "expired_or_canceled_card", False),
    ],
)
async def test_a_no_is_a_refusal(
    line: Line, status: int, code: str | None, *, already: bool
) -> None:
    line.stripe.plays(fails(status, code=code))

    with pytest.raises(RefundRefused) as refusal:
        await ask(line)

    assert refusal.value.is_already_refunded is already
    assert len(line.stripe.received) == 1
    assert not line.alerts.sent


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_configuration_error_is_no_refusal(line: Line, status: int) -> None:
    line.stripe.plays(fails(status))

    with pytest.raises(PaymentGatewayUnavailable):
        await ask(line)

    assert line.alerts.codes == ["stripe_configuration_rejected"]


@pytest.mark.parametrize("status", [409, 429, 500, 503])
async def test_what_says_nothing_is_asked_again(line: Line, status: int) -> None:
    line.stripe.plays(fails(status, kind="api_error"), says(refund_json()))

    await ask(line)

    assert {request.key for request in line.stripe.received} == {"rf:r-1"}
    assert len(line.stripe.received) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "melted"},
        {"payment_intent": None},
        {"amount": "900"},
        {"currency": "EUR"},
        {"id": None},
    ],
)
async def test_what_cannot_be_read_is_not_guessed(
    line: Line, changes: dict[str, Any]
) -> None:
    line.stripe.plays(says(refund_json(**changes)))

    with pytest.raises(PaymentGatewayUnavailable):
        await ask(line)

    assert line.alerts.codes == ["stripe_answer_unreadable"]


async def test_all_pages_are_read(line: Line) -> None:
    line.stripe.plays(
        says(page(refund_json(id="re_3"), refund_json(id="re_2"), has_more=True)),
        says(page(refund_json(id="re_1"))),
    )

    found = await line.gateway.refunds.refunds_of("pi_1")

    assert [report.id for report in found] == ["re_3", "re_2", "re_1"]
    first, second = line.stripe.received
    assert first.form == {"payment_intent": "pi_1", "limit": "100"}
    assert second.form["starting_after"] == "re_2"


@pytest.mark.parametrize(
    ("changes", "owner"),
    [({}, "p-1"), ({"app": "other"}, None), ({"environment": "staging"}, None)],
)
async def test_only_our_own_mark_names_an_owner(
    line: Line, changes: dict[str, str], owner: str | None
) -> None:
    intent = {"id": "pi_1", "object": "payment_intent", "metadata": METADATA | changes}
    line.stripe.plays(says(intent))

    assert await line.gateway.refunds.owner_of("pi_1") == owner


async def test_a_refund_made_outside_names_nobody(line: Line) -> None:
    line.stripe.plays(says(refund_json(metadata={})))

    report = await line.gateway.refunds.get_refund("re_1")

    assert (report.row_id, report.purchase_id, report.app) == (None, None, None)
