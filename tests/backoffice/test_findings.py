import json
from http import HTTPStatus

import pytest

from tests.backoffice.samples import FINDING
from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import JsonObject, ScriptedService, listed

LISTING = "GET /api/admin/findings"
REPAIR = "POST /api/admin/findings/f1/repair"


async def test_a_finding_shows_its_evidence_and_its_plan(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(LISTING, listed(FINDING))
    page = await admin.open("/admin/findings")
    text = text_of(page)
    assert "Stuck phase Warning Subject p1 See The purchase Since Jan 1, 2026" in text
    assert "Evidence phase closing purchase_id p1 Plan The purchase is carried" in text
    assert "This happens by itself." in text
    assert "Next step: If it stays" in text
    assert 'href="/admin/findings/f1/repair"' in page.text


@pytest.mark.parametrize(
    ("changes", "link"),
    [
        ({}, "/admin/purchases/p1"),
        ({"evidence": {"program_id": "a/b"}}, "/admin/programs/a%2Fb"),
        ({"kind": "dead_mail", "evidence": {}}, "/admin/mails"),
        ({"kind": "orphan_payment", "evidence": {}}, "/admin/orphans"),
        ({"kind": "quarantined_event", "evidence": {}}, "/admin/events"),
        (
            {"kind": "ledger_difference", "subject": "2026-01-02", "evidence": {}},
            "/admin/purchases?since=2026-01-02&amp;until=2026-01-02",
        ),
    ],
)
async def test_a_finding_leads_to_what_it_is_about(
    admin: Browser, service: ScriptedService, changes: JsonObject, link: str
) -> None:
    service.will(LISTING, listed({**FINDING, **changes}))
    page = await admin.open("/admin/findings")
    assert f'<dt>See</dt><dd><a href="{link}">' in page.text


async def test_what_takes_a_human_offers_no_button(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(LISTING, listed({**FINDING, "repair": "none", "automatic": False}))
    page = await admin.open("/admin/findings")
    assert "it takes a human" in text_of(page)
    assert "/repair" not in page.text


async def test_nothing_found_is_good_news(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(LISTING, listed())
    assert "All is as it should be." in text_of(await admin.open("/admin/findings"))


async def test_the_plan_that_was_shown_is_the_one_that_is_done(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(LISTING, listed(FINDING))
    service.will(REPAIR, {"id": "f1", "outcome": "repaired", "why": None})
    form = await admin.open("/admin/findings/f1/repair")
    assert 'name="plan" value="0123abcd"' in form.text
    assert "Repair: stuck phase" in text_of(form)
    answer = await admin.submit(
        "/admin/findings/f1/repair", reason="it hurts", plan="0123abcd", once="1"
    )
    assert json.loads(service.asked[-1].content) == {
        "plan": "0123abcd",
        "reason": "it hurts",
    }
    assert answer.headers["Location"] == "/admin/findings?done=repaired"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("repaired", "It is repaired"),
        ("no_longer_so", "It was not so any more"),
        ("unchanged", "the difference is still there"),
        ("for_a_human", "it takes a human"),
    ],
)
async def test_what_became_of_it_is_said(
    admin: Browser, service: ScriptedService, outcome: str, said: str
) -> None:
    service.will(LISTING, listed(FINDING))
    service.will(REPAIR, {"id": "f1", "outcome": outcome, "why": None})
    answer = await admin.submit("/admin/findings/f1/repair", reason="why", plan="1")
    assert said in text_of(await admin.open(answer.headers["Location"]))


async def test_a_repair_that_failed_is_told_at_the_form(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(LISTING, listed(FINDING))
    service.will(REPAIR, {"id": "f1", "outcome": "failed", "why": "storage_slow"})
    answer = await admin.submit("/admin/findings/f1/repair", reason="why", plan="1")
    assert "The repair failed: storage slow." in text_of(answer)
    assert 'value="why"' in answer.text


async def test_a_plan_that_changed_is_shown_as_it_is_now(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(LISTING, listed({**FINDING, "plan": "new"}))
    service.will_refuse(
        REPAIR, HTTPStatus.CONFLICT, "The plan has changed.", code="plan_changed"
    )
    answer = await admin.submit(
        "/admin/findings/f1/repair", reason="it hurts", plan="0123abcd"
    )
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "The plan has changed." in text_of(answer)
    assert 'name="plan" value="new"' in answer.text
    assert 'value="it hurts"' in answer.text


async def test_a_finding_that_is_gone_by_now_says_so(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(LISTING, listed())
    answer = await admin.open("/admin/findings/f1/repair")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "It is not in this list any more." in text_of(answer)
