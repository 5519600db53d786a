"""Where an identity provider signs people in: the pages only keep what it signed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

import httpx
import pytest
from litestar.testing import AsyncTestClient

from entrypoints.storefront.app import create_storefront
from entrypoints.storefront.session import TOKEN_MAX
from tests.storefront.browsing import FIELD, Browser, text_of
from tests.storefront.scripted_service import ScriptedService, listed
from tests.storefront.worlds import in_production, token

PROVIDER: Final = "https://login.example"
COOKIE: Final = "__Host-spothold_session"
IN_MILLISECONDS: Final = 1_893_456_000_000


@pytest.fixture
async def visitor(service: ScriptedService) -> AsyncIterator[Browser]:
    service.will("GET /api/programs", listed())
    pages = create_storefront(in_production(), transport=httpx.MockTransport(service))
    async with AsyncTestClient(pages, base_url="https://shop.test") as client:
        client.follow_redirects = False
        yield Browser(client)


async def hand_over(
    visitor: Browser, signed: str, *, origin: str | None = PROVIDER, to: str = "/"
) -> httpx.Response:
    headers = {} if origin is None else {"Origin": origin}
    form = {"token": signed, "next": to}
    return await visitor.client.post("/session", data=form, headers=headers)


async def test_the_provider_is_told_the_way_back(visitor: Browser) -> None:
    answer = await visitor.open("/sign-in?next=/purchases")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["Location"] == (
        "https://login.example/sign-in"
        "?return_to=https%3A%2F%2Fshop.test%2Fsession&next=%2Fpurchases"
    )


async def test_a_token_becomes_a_cookie_that_only_we_may_set_and_read(
    visitor: Browser,
) -> None:
    answer = await hand_over(visitor, token(), to="/purchases")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["Location"] == "/purchases"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=ey")
    kept = {part.lower() for part in cookie.split("; ")}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= kept
    assert "domain" not in cookie.lower()
    assert "Ada Lovelace" in text_of(await visitor.open("/"))


async def test_the_cookie_ends_with_its_token(visitor: Browser) -> None:
    answer = await hand_over(visitor, token())
    (age,) = (
        int(part.split("=")[1])
        for part in answer.headers["Set-Cookie"].split("; ")
        if part.lower().startswith("max-age")
    )
    assert 29 * 60 < age <= 30 * 60


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "https://login.example.evil"]
)
async def test_no_other_page_signs_a_visitor_in(
    visitor: Browser, origin: str | None
) -> None:
    answer = await hand_over(visitor, token(), origin=origin)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert COOKIE not in visitor.client.cookies


@pytest.mark.parametrize(
    "signed",
    [
        token(secret="x" * 32),
        token(exp=datetime.now(UTC) - timedelta(minutes=1)),
        token(iss="somebody"),
        token(aud="something"),
        token(email="none"),
        token(exp=IN_MILLISECONDS),
        token(exp=10**30),
        "nonsense",
        "",
        token(note="x" * TOKEN_MAX),
    ],
    ids=[
        "secret",
        "expired",
        "issuer",
        "audience",
        "email",
        "milliseconds",
        "never",
        "words",
        "none",
        "long",
    ],
)
async def test_a_token_that_the_service_would_refuse_signs_nobody_in(
    visitor: Browser, signed: str
) -> None:
    answer = await hand_over(visitor, signed)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert 'href="/sign-in"' in answer.text
    assert COOKIE not in visitor.client.cookies


async def test_a_cookie_that_ends_in_milliseconds_is_nobodys(visitor: Browser) -> None:
    visitor.client.cookies.update({COOKIE: token(exp=IN_MILLISECONDS)})
    page = await visitor.open("/")
    assert page.status_code == HTTPStatus.OK
    assert "Ada Lovelace" not in text_of(page)


async def test_a_hand_over_leads_nowhere_else(visitor: Browser) -> None:
    answer = await hand_over(visitor, token(), to="https://evil.example/")
    assert answer.headers["Location"] == "/"


async def test_signing_out_ends_the_cookie_in_a_way_browsers_accept(
    visitor: Browser,
) -> None:
    await hand_over(visitor, token())
    field = FIELD.search((await visitor.open("/")).text)
    assert field is not None
    answer = await visitor.client.post("/sign-out", data={"_csrf_token": field[1]})
    (ended,) = [
        cookie
        for cookie in answer.headers.get_list("Set-Cookie")
        if cookie.startswith(COOKIE)
    ]
    assert {"Max-Age=0", "Secure", "Path=/"} <= set(ended.split("; "))
    assert COOKIE not in visitor.client.cookies


async def test_forms_are_guarded_by_a_cookie_that_only_we_may_set(
    visitor: Browser,
) -> None:
    cookie = (await visitor.open("/")).headers["Set-Cookie"]
    assert cookie.startswith("__Host-spothold_form=")
    assert "Secure" in cookie.split("; ")
    await hand_over(visitor, token())
    refused = await visitor.client.post("/sign-out", data={})
    assert refused.status_code == HTTPStatus.FORBIDDEN


async def test_nobody_signs_in_with_one_click(visitor: Browser) -> None:
    answer = await visitor.client.post("/sign-in", data={"person": "admin"})
    assert answer.status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED}


async def test_pages_insist_on_https_and_say_nothing_of_demos(
    visitor: Browser,
) -> None:
    page = await visitor.open("/")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "form-action 'self' https://checkout.stripe.com https://login.example;" in (
        page.headers["Content-Security-Policy"] + ";"
    )
    assert "no money moves" not in page.text
