import json
import re
from http import HTTPStatus

import httpx
import pytest

from tests.backoffice.samples import BUYER, FILE, PREVIEW
from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import PURCHASE, ScriptedService, listed

HERE = "/api/admin/purchases/p1"
ONE = f"GET {HERE}"
LISTING = "GET /api/admin/purchases"
REFUND = f"POST {HERE}/refund"
ONCE = re.compile(r'name="once" value="([0-9a-f]{32})"')
REASON = "the buyer called"


def sent(service: ScriptedService) -> httpx.Request:
    """Return the last act that the service was asked for."""
    return [one for one in service.asked if one.method == "POST"][-1]


def acts(service: ScriptedService) -> list[str]:
    return [one.url.path for one in service.asked if one.method == "POST"]


async def test_a_search_is_asked_of_the_service_as_it_was_typed(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(LISTING, listed({**PURCHASE, "buyer": BUYER}))
    page = await admin.open(
        "/admin/purchases?search=ada%26x&status=completed&since=2026-01-01&page=2"
    )
    assert dict(service.asked[-1].url.params) == {
        "search": "ada&x",
        "status": "completed",
        "from": "2026-01-01",
        "page": "2",
        "pageSize": "20",
    }
    text = text_of(page)
    assert "ORD-20260101-ABCDEFGH12345678 Completed Choir practice · class rep" in text
    assert "Ada Lovelace · ada@example.org $45.00 Jan 1, 2026, 18:00 UTC" in text
    assert 'value="ada&amp;x"' in page.text
    assert '<option value="completed" selected>' in page.text


async def test_pages_keep_the_choice(admin: Browser, service: ScriptedService) -> None:
    many = {"items": [PURCHASE] * 20, "page": 2, "pageSize": 20, "total": 45}
    service.will(LISTING, many)
    page = await admin.open("/admin/purchases?search=a+b&page=2")
    assert 'rel="next" href="/admin/purchases?search=a+b&amp;page=3"' in page.text
    assert 'rel="prev" href="/admin/purchases?search=a+b&amp;page=1"' in page.text
    assert "21 to 40 of 45" in text_of(page)


async def test_nothing_found_says_so(admin: Browser, service: ScriptedService) -> None:
    service.will(LISTING, listed())
    assert "Nothing fits." in text_of(await admin.open("/admin/purchases"))


async def test_a_search_that_is_refused_keeps_what_was_typed(
    admin: Browser, service: ScriptedService
) -> None:
    service.will_refuse(LISTING, HTTPStatus.BAD_REQUEST, "from: Expected `date`.")
    answer = await admin.open("/admin/purchases?search=ada&since=someday")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "from: Expected `date`." in text_of(answer)
    assert 'value="someday"' in answer.text
    assert 'value="ada"' in answer.text


async def test_a_row_that_cannot_be_read_is_shown_beside_the_others(
    admin: Browser, service: ScriptedService
) -> None:
    odd = [{"id": "p9", "why": "status: odd"}]
    service.will(LISTING, {**listed(PURCHASE), "unreadable": odd})
    text = text_of(await admin.open("/admin/purchases"))
    assert "Choir practice" in text
    assert "The row p9 cannot be read: status: odd" in text


async def test_the_timeline_begins_with_the_newest(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(ONE, FILE)
    text = text_of(await admin.open("/admin/purchases/p1"))
    assert (
        "Jan 1, 2026, 18:00:01 UTC Stripe checkout.sessions.create requestId req_1"
        " ms 210"
        " Jan 1, 2026, 18:00:00 UTC State Began status creating"
    ) in text


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("pending", ["reconcile", "cancel"]),
        ("completed", ["refund", "resend-confirmation", "reconcile"]),
        ("refund_failed", ["refund", "reconcile", "resend-confirmation"]),
        ("failed", ["reconcile"]),
    ],
)
async def test_only_what_makes_sense_is_offered(
    admin: Browser, service: ScriptedService, status: str, offered: list[str]
) -> None:
    service.will(ONE, {**FILE, "purchase": {**PURCHASE, "status": status}})
    page = await admin.open("/admin/purchases/p1")
    assert re.findall(r'id="act-([a-z-]+)"', page.text) == offered


@pytest.mark.parametrize("act", ["cancel", "reconcile", "resend-confirmation"])
async def test_an_act_is_said_first_then_done_once_for_a_reason(
    admin: Browser, service: ScriptedService, act: str
) -> None:
    service.will(ONE, FILE)
    service.will(f"POST {HERE}/{act}", PURCHASE)
    form = await admin.open(f"/admin/purchases/p1/{act}")
    once = ONCE.search(form.text)
    assert "What this does" in form.text
    assert acts(service) == []
    assert once is not None

    answer = await admin.submit(
        f"/admin/purchases/p1/{act}", reason=REASON, once=once[1]
    )
    assert answer.headers["Location"] == f"/admin/purchases/p1?done={act}"
    assert sent(service).url.path == f"{HERE}/{act}"
    assert json.loads(sent(service).content) == {"reason": REASON}
    assert sent(service).headers["Idempotency-Key"] == once[1]
    assert 'id="notice"' in (await admin.open(answer.headers["Location"])).text


async def test_no_act_without_a_reason(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(ONE, FILE)
    answer = await admin.submit("/admin/purchases/p1/cancel", reason="  ", once="1")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "Please say why" in text_of(answer)
    assert acts(service) == []


@pytest.mark.parametrize(
    ("status", "code", "is_same"),
    [
        (HTTPStatus.CONFLICT, "cannot_cancel_completed", False),
        (HTTPStatus.CONFLICT, "idempotency_in_progress", True),
        (HTTPStatus.SERVICE_UNAVAILABLE, "storage_unavailable", True),
    ],
)
async def test_a_refused_act_keeps_what_was_typed(
    admin: Browser,
    service: ScriptedService,
    status: HTTPStatus,
    code: str,
    *,
    is_same: bool,
) -> None:
    """With the act's own name only if it may have been done all the same."""
    service.will(ONE, FILE)
    detail = "It is completed; refund it."
    service.will_refuse(f"POST {HERE}/cancel", status, detail, code=code)
    answer = await admin.submit(
        "/admin/purchases/p1/cancel", reason=REASON, once="a" * 32
    )
    assert answer.status_code == status
    assert "It is completed; refund it." in text_of(answer)
    assert f'value="{REASON}"' in answer.text
    once = ONCE.search(answer.text)
    assert once is not None
    assert (once[1] == "a" * 32) is is_same


async def test_there_are_no_other_acts(
    admin: Browser, service: ScriptedService
) -> None:
    answer = await admin.submit("/admin/purchases/p1/..%2Fx", reason=REASON)
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert service.asked == []


async def test_a_refund_shows_its_effect_before_it_can_be_confirmed(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(ONE, FILE)
    service.will(f"GET {HERE}/refund-preview", PREVIEW)
    service.will(REFUND, PURCHASE)
    page = await admin.open("/admin/purchases/p1/refund")
    assert "$45.00 goes back to the buyer. Nothing of the payment stays." in text_of(
        page
    )
    assert "loses access" in page.text
    assert 'id="confirm"' not in page.text

    review = await admin.submit("/admin/purchases/p1/refund", reason=REASON)
    assert "Refund $45.00 now" in text_of(review)
    assert '<input type="hidden" name="previewed" value="4500">' in review.text
    assert acts(service) == []

    fields = {"shown": "", "previewed": "4500", "step": "confirmed", "once": "b" * 32}
    fields["reason"] = REASON
    done = await admin.submit("/admin/purchases/p1/refund", **fields)
    assert done.headers["Location"] == "/admin/purchases/p1?done=refund"
    assert json.loads(sent(service).content) == {"reason": REASON, "amount": 4500}
    assert sent(service).headers["Idempotency-Key"] == "b" * 32


async def test_all_that_is_left_is_confirmed_with_its_sum(
    admin: Browser, service: ScriptedService
) -> None:
    """It may be another sum by now, and nobody has seen that one."""
    service.will(ONE, FILE)
    service.will(f"GET {HERE}/refund-preview", {**PREVIEW, "amount": 9000})
    fields = {"reason": REASON, "shown": "", "step": "confirmed"}
    unseen = await admin.submit("/admin/purchases/p1/refund", **fields)
    assert "Refund $90.00 now" in text_of(unseen)
    assert acts(service) == []

    detail = "Only $20.00 is left."
    service.will_refuse(REFUND, HTTPStatus.CONFLICT, detail, code="refund_too_large")
    fields["previewed"] = "4500"
    less = await admin.submit("/admin/purchases/p1/refund", **fields)
    assert json.loads(sent(service).content) == {"reason": REASON, "amount": 4500}
    assert detail in text_of(less)
    assert 'id="confirm"' not in less.text


async def test_what_cost_nothing_is_given_back_without_a_sum(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(REFUND, PURCHASE)
    fields = {"reason": REASON, "shown": "", "previewed": "0", "step": "confirmed"}
    done = await admin.submit("/admin/purchases/p1/refund", **fields)
    assert done.status_code == HTTPStatus.SEE_OTHER
    assert json.loads(sent(service).content) == {"reason": REASON}


async def test_a_refund_in_part_is_sent_in_minor_units(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(ONE, FILE)
    service.will(f"GET {HERE}/refund-preview", {**PREVIEW, "amount": 1050})
    service.will(REFUND, PURCHASE)
    page = await admin.open("/admin/purchases/p1/refund?amount=10.50")
    assert service.asked[-1].url.params["amount"] == "1050"
    assert 'value="10.50"' in page.text
    await admin.submit(
        "/admin/purchases/p1/refund",
        reason=REASON,
        amount="10.50",
        shown="10.50",
        previewed="1050",
        step="confirmed",
    )
    assert json.loads(sent(service).content) == {"reason": REASON, "amount": 1050}


async def test_an_amount_changed_after_its_effect_was_shown_is_shown_again(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(ONE, FILE)
    service.will(f"GET {HERE}/refund-preview", PREVIEW)
    fields = {"reason": REASON, "amount": "40", "shown": "4", "step": "confirmed"}
    fields["previewed"] = "400"
    answer = await admin.submit("/admin/purchases/p1/refund", **fields)
    assert answer.status_code == HTTPStatus.OK
    assert acts(service) == []


@pytest.mark.parametrize(
    "typed", ["ten", "1.005", "-3", "nan", "1e400", "1e9999999", "1e999998", "Infinity"]
)
async def test_what_is_no_amount_is_asked_for_again(
    admin: Browser, service: ScriptedService, typed: str
) -> None:
    service.will(ONE, FILE)
    answer = await admin.submit(
        "/admin/purchases/p1/refund",
        reason=REASON,
        amount=typed,
        shown=typed,
        step="confirmed",
    )
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert f"“{typed}” is no amount in USD." in text_of(answer)
    assert f'value="{REASON}"' in answer.text
    assert acts(service) == []


async def test_what_cannot_be_refunded_says_why(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(ONE, FILE)
    why = "A refund of it is under way."
    preview = {
        **PREVIEW,
        "refundable": False,
        "why": "refund_under_way",
        "message": why,
    }
    service.will(f"GET {HERE}/refund-preview", preview)
    answer = await admin.submit("/admin/purchases/p1/refund", reason=REASON)
    assert why in text_of(answer)
    assert 'id="confirm"' not in answer.text
