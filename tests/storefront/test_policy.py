"""No page runs a script, carries a style of its own or fetches from anywhere else."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.storefront.browsing import Browser
from tests.storefront.scripted_service import (
    ELIGIBLE,
    PENDING,
    PROGRAM,
    PURCHASE,
    RECEIPT,
    ScriptedService,
    listed,
)

TEMPLATES = Path("entrypoints/storefront/templates")
# A page of each template; `refusal.html` is the last one.
PAGES = {
    "programs.html": "/",
    "program.html": "/programs/choir",
    "purchases.html": "/purchases",
    "success.html": "/purchase/success?purchase_id=p1",
    "cancel.html": "/purchase/cancel?purchase_id=p1",
    "refund.html": "/purchases/p1/refund",
    "receipt.html": "/dashboard/purchase-receipt/p1",
    "sign_in.html": "/sign-in",
    "refusal.html": "/nowhere",
}
FETCHED = {"src", "srcset", "poster", "data", "background", "action", "formaction"}


class Tags(HTMLParser):
    """Collects every tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))


@pytest.fixture
def service() -> ScriptedService:
    service = ScriptedService()
    service.will("GET /api/programs", listed(PROGRAM))
    service.will("GET /api/programs/choir", PROGRAM)
    service.will(
        "GET /api/purchases/check-access/choir", {"hasAccess": False, "reason": "none"}
    )
    service.will("GET /api/purchases/p1", PENDING)
    service.will("GET /api/purchases/p1/receipt", RECEIPT)
    service.will("GET /api/purchases/refund-eligibility/p1", ELIGIBLE)
    service.will("GET /api/purchases/my-purchases", listed(PURCHASE))
    service.will(
        "GET /api/purchases/my-pending-purchases", listed({**PENDING, "id": "p2"})
    )
    return service


def test_every_template_has_a_page_here() -> None:
    pieces = {"layout.html", "parts.html"}
    assert {file.name for file in TEMPLATES.glob("*.html")} == set(PAGES) | pieces


@pytest.mark.parametrize("template", list(PAGES))
async def test_nothing_inline_and_nothing_from_elsewhere(
    ada: Browser, template: str
) -> None:
    page = await ada.open(PAGES[template])
    for tag, attributes in Tags(page.text).all:
        assert tag not in {"script", "style", "iframe", "object", "embed", "base"}
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        for address in _fetched(tag, attributes):
            assert re.match(r"/(?!/)", address), f"{tag} fetches {address}"


@pytest.mark.parametrize("template", list(PAGES))
async def test_the_policy_forbids_it_too(ada: Browser, template: str) -> None:
    page = await ada.open(PAGES[template])
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("template", list(PAGES))
async def test_a_page_can_be_read_and_used_without_eyes_or_mouse(
    ada: Browser, template: str
) -> None:
    page = await ada.open(PAGES[template])
    tags = Tags(page.text).all
    names = [tag for tag, _ in tags]
    assert dict(tags)["html"]["lang"] == "en"
    assert [names.count(tag) for tag in ("main", "header", "h1")] == [1, 1, 1]
    ids = [each["id"] for _, each in tags if "id" in each]
    assert len(ids) == len(set(ids))
    assert _headings(names) == sorted(_headings(names))
    for tag, attributes in tags:
        assert tag != "img" or "alt" in attributes
        assert tag != "input" or attributes.get("type") == "hidden"
        described = attributes.get("aria-describedby") or attributes.get(
            "aria-labelledby"
        )
        assert described is None or described in ids


@pytest.mark.parametrize(
    "path",
    [
        "/sign-out",
        "/programs/choir/buy",
        "/purchases/retry",
        "/purchases/cancel",
        "/purchases/p1/refund",
    ],
)
async def test_no_form_works_without_the_token_of_this_browser(
    ada: Browser, service: ScriptedService, path: str
) -> None:
    before = len(service.asked)
    answer = await ada.client.post(
        path, data={"choice": "regular", "purchase_id": "p1"}
    )
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert len(service.asked) == before


def _fetched(tag: str, attributes: dict[str, str | None]) -> Iterator[str]:
    wanted = FETCHED | ({"href"} if tag == "link" else set())
    for name in wanted & set(attributes):
        yield attributes[name] or ""


def _headings(names: list[str]) -> list[str]:
    """Return the levels as they first come: none may be skipped or come late."""
    seen: list[str] = []
    for name in names:
        if re.fullmatch("h[1-6]", name) and name not in seen:
            seen.append(name)
    return seen
