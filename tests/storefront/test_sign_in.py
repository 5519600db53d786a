from http import HTTPStatus

import jwt
import pytest

from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import ScriptedService, listed
from tests.storefront.worlds import SECRET, token


async def test_one_click_signs_in(browser: Browser) -> None:
    answer = await browser.submit("/sign-in", person="grace", next="/purchases")
    assert answer.headers["Location"] == "/purchases"
    assert "Grace Hopper" in text_of(await browser.open("/sign-in"))


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
    browser: Browser,
) -> None:
    answer = await browser.sign_in("ada")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("spothold_session=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    ("person", "role"), [("ada", "user"), ("grace", "user"), ("admin", "admin")]
)
async def test_the_token_says_what_the_service_asks_for(
    browser: Browser, person: str, role: str
) -> None:
    await browser.sign_in(person)
    claims = jwt.decode(
        browser.client.cookies["spothold_session"],
        SECRET,
        algorithms=["HS256"],
        issuer="spothold",
        audience="spothold",
        options={"require": ["exp", "iss", "aud", "sub"]},
    )
    assert claims["role"] == role
    assert claims["email"].endswith("@example.org")
    assert claims["name"]


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "", "/a\nb"],
)
async def test_sign_in_leads_nowhere_else(browser: Browser, elsewhere: str) -> None:
    answer = await browser.submit("/sign-in", person="ada", next=elsewhere)
    assert answer.headers["Location"] == "/"


async def test_a_stranger_cannot_sign_in(browser: Browser) -> None:
    answer = await browser.sign_in("mallory")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "spothold_session" not in browser.client.cookies


async def test_signing_out_forgets_the_token(ada: Browser) -> None:
    await ada.submit("/sign-out")
    assert "spothold_session" not in ada.client.cookies


async def test_a_token_of_another_secret_counts_as_none(
    browser: Browser, service: ScriptedService
) -> None:
    foreign = token(secret="x" * 32)
    browser.client.cookies.set("spothold_session", foreign)
    service.will("GET /api/programs", listed())
    assert 'id="sign-in"' in (await browser.open("/")).text


@pytest.mark.parametrize(
    "path", ["/sign-out", "/programs/choir/buy", "/purchases/cancel"]
)
async def test_a_form_from_elsewhere_is_refused(ada: Browser, path: str) -> None:
    answer = await ada.client.post(path, data={"_csrf_token": "guessed"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "Nothing was done." in text_of(answer)


async def test_a_form_cookie_of_an_earlier_demo_is_replaced(ada: Browser) -> None:
    ada.client.cookies.delete("spothold_form")
    ada.client.cookies.set("spothold_form", "of an earlier demo", domain="shop.test")
    refused = await ada.submit("/sign-out")
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert (await ada.submit("/sign-out")).status_code == HTTPStatus.SEE_OTHER


async def test_pages_are_kept_from_frames_scripts_and_caches(browser: Browser) -> None:
    page = await browser.open("/sign-in")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:12111" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert "<script" not in page.text
