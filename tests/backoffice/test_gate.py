"""Who gets in, and what no page of the admin area ever does."""

import re
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from entrypoints.backoffice.pages import ASSETS, HTMX
from entrypoints.storefront.app import create_storefront
from entrypoints.storefront.config import StorefrontConfig
from tests.backoffice.samples import LOCKS
from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import ScriptedService
from tests.storefront.worlds import in_production, token

# dist/htmx.min.js of the package htmx.org 2.0.11, as its registry hands it out.
HTMX_SHA256 = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
LOCKS_CALL = "GET /api/system/locks"


def admin_paths(pages: Litestar) -> list[tuple[str, str]]:
    """Return every way into the admin area, with something in each parameter."""
    return [
        (method, re.sub(r"{[^}]*}", "something", route.path))
        for route in pages.routes
        if route.path.startswith("/admin") and "/assets/" not in route.path
        for method in sorted(getattr(route, "methods", ()))
        if method in {"GET", "POST"}
    ]


async def knock(browser: Browser, method: str, path: str) -> httpx.Response:
    if method == "GET":
        return await browser.open(path)
    return await browser.submit(path, reason="why")


@pytest.fixture
def paths(config: StorefrontConfig) -> list[tuple[str, str]]:
    return admin_paths(create_storefront(config))


async def test_nobody_is_asked_to_sign_in_everywhere(
    browser: Browser, paths: list[tuple[str, str]], service: ScriptedService
) -> None:
    assert len(paths) > 3
    for method, path in paths:
        answer = await knock(browser, method, path)
        assert answer.status_code == HTTPStatus.SEE_OTHER, path
        assert answer.headers["Location"].startswith("/sign-in?next=%2Fadmin"), path
    assert service.asked == []


async def test_a_buyer_meets_no_page_and_no_form(
    browser: Browser, paths: list[tuple[str, str]], service: ScriptedService
) -> None:
    await browser.sign_in("ada")
    for method, path in paths:
        answer = await knock(browser, method, path)
        assert answer.status_code == HTTPStatus.FORBIDDEN, path
        assert "This is for admins" in text_of(answer), path
        assert 'href="/"' in answer.text, path
    assert service.asked == []


async def test_a_form_from_elsewhere_is_refused(
    admin: Browser, paths: list[tuple[str, str]], service: ScriptedService
) -> None:
    posts = [path for method, path in paths if method == "POST"]
    assert posts
    for path in posts:
        answer = await admin.client.post(path, data={"reason": "why"})
        assert answer.status_code == HTTPStatus.FORBIDDEN, path
    assert service.asked == []


async def test_a_script_is_led_to_the_sign_in_page(browser: Browser) -> None:
    here = {"HX-Request": "true", "HX-Current-URL": "http://shop.test/admin/locks?a=1"}
    answer = await browser.client.get("/admin/locks", headers=here)
    assert answer.headers["HX-Redirect"] == "/sign-in?next=%2Fadmin%2Flocks%3Fa%3D1"


async def test_whom_the_service_forgot_signs_in_again(
    admin: Browser, service: ScriptedService
) -> None:
    service.will_refuse(LOCKS_CALL, HTTPStatus.UNAUTHORIZED, "Authentication required.")
    answer = await admin.open("/admin/locks")
    assert answer.headers["Location"] == "/sign-in?next=%2Fadmin%2Flocks"


async def test_a_refusal_shows_the_services_sentence(
    admin: Browser, service: ScriptedService
) -> None:
    service.will_refuse(
        LOCKS_CALL,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database cannot be reached.",
        retry_after=3,
    )
    answer = await admin.open("/admin/locks")
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "The database cannot be reached. It may work in 3" in text_of(answer)


async def test_only_our_own_script_may_run(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(LOCKS_CALL, LOCKS)
    page = await admin.open("/admin/locks")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert re.findall(r"<script[^>]*>", page.text) == [
        f'<script src="/admin/assets/{HTMX}" defer>'
    ]
    assert '"allowEval": false' in page.text
    assert not re.search(r'\s(style|on\w+|hx-on[^=]*)="', page.text)


async def test_a_form_may_lead_to_the_page_that_signs_people_in(
    service: ScriptedService,
) -> None:
    """A token that ended meanwhile makes a form's answer lead there."""
    service.will(LOCKS_CALL, LOCKS)
    pages = create_storefront(in_production(), transport=httpx.MockTransport(service))
    async with AsyncTestClient(pages, base_url="https://shop.test") as client:
        signed_in = {"__Host-spothold_session": token(role="admin")}
        client.cookies.update(signed_in)
        page = await client.get("/admin/locks")
    assert page.status_code == HTTPStatus.OK
    policy = page.headers["Content-Security-Policy"]
    assert policy.endswith("; form-action 'self' https://login.example")


async def test_the_script_is_the_one_that_was_vendored(browser: Browser) -> None:
    answer = await browser.open(f"/admin/assets/{HTMX}")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert sha256(answer.content).hexdigest() == HTMX_SHA256
    assert "Zero-Clause BSD" in (ASSETS / "htmx-LICENSE.txt").read_text()


def test_no_template_breaks_the_policy() -> None:
    """What only some data would show: nothing inline, nothing from elsewhere."""
    inline = re.compile(
        r'\sstyle=|<style|\son\w+="|hx-on|hx-vals="js|<script(?! src="/admin/assets)'
        r"|(src|href)=\"(https?:)?//"
    )
    templates = sorted((Path(ASSETS).parent / "templates").glob("*.html"))
    assert len(templates) > 3
    assert [each.name for each in templates if inline.search(each.read_text())] == []
