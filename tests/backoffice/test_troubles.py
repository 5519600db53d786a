import json
from http import HTTPStatus

from tests.backoffice.samples import AUDIT, EVENT, MAIL, ORPHAN
from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import ScriptedService, listed

REPLAY = "POST /api/admin/events/evt_1/replay"
RESEND = "POST /api/admin/mails/p1.confirmation/resend"


def body_of_last(service: ScriptedService) -> object:
    return json.loads([one for one in service.asked if one.content][-1].content)


async def test_an_orphan_says_what_it_is_and_when_it_goes_back(
    admin: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/admin/orphans", listed(ORPHAN))
    text = text_of(await admin.open("/admin/orphans?state=all"))
    assert service.asked[-1].url.params["state"] == "all"
    assert "$45.00 Being prepared Why Unknown purchase" in text
    assert "Goes back from Jan 1, 2026, 18:15 UTC" in text


async def test_a_held_event_says_why_and_since_when(
    admin: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/admin/events", listed(EVENT))
    text = text_of(await admin.open("/admin/events"))
    assert "refund.updated Held It names a refund that nobody knows." in text
    assert "Tried 4 times, last Jan 1, 2026, 19:00 UTC Next try Given up" in text


async def test_a_replay_is_tried_first_and_then_done(
    admin: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/admin/events", listed(EVENT))
    service.will(REPLAY, {"outcome": "applied", "changes": ["purchase p1: refunded"]})
    path = "/admin/events/evt_1/replay"
    tried = await admin.submit(path, reason="the refund is known now", step="dry")
    assert body_of_last(service) == {
        "dryRun": True,
        "reason": "the refund is known now",
    }
    text = text_of(tried)
    assert "Tried, and nothing was changed Outcome applied" in text
    assert "purchase p1: refunded" in text
    assert 'value="the refund is known now"' in tried.text

    done = await admin.submit(path, reason="the refund is known now")
    assert body_of_last(service) == {
        "dryRun": False,
        "reason": "the refund is known now",
    }
    assert done.headers["Location"] == "/admin/events?done=done"

    service.will(REPLAY, {"outcome": "quarantined", "changes": []})
    held = await admin.submit(path, reason="the refund is known now")
    assert "It still cannot be applied" in text_of(
        await admin.open(held.headers["Location"])
    )


async def test_a_refused_replay_keeps_the_reason(
    admin: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/admin/events", listed(EVENT))
    service.will_refuse(REPLAY, HTTPStatus.CONFLICT, "Somebody replays it now.")
    answer = await admin.submit("/admin/events/evt_1/replay", reason="again")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Somebody replays it now." in text_of(answer)
    assert 'value="again"' in answer.text


async def test_a_dead_mail_can_be_sent_again(
    admin: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/admin/mails", listed(MAIL))
    service.will(RESEND, {"state": "waiting"})
    page = await admin.open("/admin/mails")
    assert service.asked[-1].url.params["state"] == "dead"
    assert "Confirmation Dead ORD-20260101-ABCDEFGH12345678 tried 8 times" in text_of(
        page
    )
    path = "/admin/mails/p1.confirmation/resend"
    assert f'href="{path}"' in page.text
    assert "Send a mail again: confirmation" in text_of(await admin.open(path))
    answer = await admin.submit(path, reason="the server is back")
    assert body_of_last(service) == {"reason": "the server is back"}
    assert answer.headers["Location"] == "/admin/mails?state=waiting&done=true"


async def test_the_audit_log_says_what_was_and_what_is(
    admin: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/admin/audit", listed(AUDIT))
    text = text_of(await admin.open("/admin/audit?subject=program/choir"))
    assert service.asked[-1].url.params["subject"] == "program/choir"
    assert "Change program program/choir “a larger room”" in text
    assert "classRepLimit 10 → 12" in text
