"""The traps that were measured in Litestar, one by one (hazards.md, 7.2).

Trap 10 is about Stripe's client and is tested beside its adapter.
"""

import json

import pytest

from entrypoints.http.auth import PUBLIC
from entrypoints.http.bodies import BODY_MAX, WEBHOOK_BODY_MAX
from entrypoints.http.swagger_ui import FOLDER, MEDIA_TYPES
from tests.http.people import ADA, BAD_TOKENS, GRACE
from tests.http.service import CREATE, WEBHOOK, Http, Service, refused, settings, sign

AS_JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/purchases/webhooks",
        "/api/purchases/stripe",
        "/api/purchases/health",
        "/api/purchases/schema",
        "/api/purchases/programs/receipt",
    ],
)
async def test_trap_1_no_path_is_public_for_what_it_contains(
    http: Http, path: str
) -> None:
    assert refused(await http.get(path))[0] == 401


def test_trap_1_the_public_routes_are_these_and_no_others(service: Service) -> None:
    public = {
        route.path
        for route in service.app.routes
        for handler in getattr(route, "route_handlers", ())
        if handler.opt.get(PUBLIC) and not route.path.startswith("/schema")
    }

    assert public == {
        "/api/programs",
        "/api/programs/{program_id:str}",
        "/api/system/health",
        "/api/system/ready",
        WEBHOOK,
    }


@pytest.mark.parametrize("signature", [b"t=1,v1=\xc3\xa9", b"\xff", b"t=\xd9\xa1,v1=a"])
@pytest.mark.parametrize("body", [b"\xff\xfe", b"{}", b"[" * 8000], ids=repr)
async def test_trap_2_nobody_makes_the_webhook_fail_without_a_signature(
    http: Http, signature: bytes, body: bytes
) -> None:
    headers = {b"Stripe-Signature": signature}

    response = await http.client.post(WEBHOOK, content=body, headers=headers)

    assert refused(response)[:2] == (400, "invalid_signature")


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b"{}", b"[" * 8000, b'"x"', b'{"object":"v2.core.event"}']
)
async def test_trap_2_nor_with_one(http: Http, body: bytes) -> None:
    assert refused(await http.deliver(body))[:2] == (400, "invalid_signature")


async def test_trap_3_old_and_early_signatures_are_refused(
    http: Http, service: Service
) -> None:
    noon = int(service.clock.now().timestamp())
    body = json.dumps({"object": "event"}).encode()
    for at in (noon - 301, noon + 301, noon + 10**6, 0):
        headers = {"Stripe-Signature": sign(body, at=at)}

        response = await http.deliver(body, headers=headers)

        assert refused(response)[:2] == (400, "invalid_signature")


@pytest.mark.parametrize("body", [b'{"programId":"\xff"}', b"[" * 8000], ids=repr)
async def test_trap_4_broken_json_is_not_our_fault(http: Http, body: bytes) -> None:
    response = await http.post(CREATE, by=ADA, content=body, headers=AS_JSON)

    assert refused(response)[:2] == (400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        b'{"programId":"choir","isClassRep":"true"}',
        b'{"programId":"choir","isClassRep":1}',
        b'{"programId":"choir","price":1}',
        b'{"programId":"poetry","programId":"choir"}',
    ],
)
async def test_trap_5_nothing_is_coerced_ignored_or_overwritten(
    http: Http, body: bytes
) -> None:
    response = await http.post(CREATE, by=ADA, content=body, headers=AS_JSON)

    assert refused(response)[:2] == (400, "invalid_request")


async def test_trap_5_only_json_is_json(http: Http) -> None:
    for headers in ({}, {"Content-Type": "text/plain"}):
        response = await http.post(CREATE, by=ADA, content=b"{}", headers=headers)

        assert refused(response)[:2] == (415, "unsupported_media_type")


async def test_trap_6_bodies_are_bounded_and_strangers_hear_401_first(
    http: Http,
) -> None:
    large = b" " * (BODY_MAX + 1)

    assert refused(await http.post(CREATE, content=large, headers=AS_JSON))[0] == 401
    signed_in = await http.post(CREATE, by=ADA, content=large, headers=AS_JSON)
    assert refused(signed_in)[:2] == (413, "body_too_large")
    assert refused(await http.deliver(b" " * (WEBHOOK_BODY_MAX + 1)))[0] == 413


async def test_trap_7_a_host_is_ours_with_its_port_and_before_any_token() -> None:
    http = Http(Service(settings=settings(allowed_hosts="api.example")).app)
    path = "/api/purchases/my-purchases"

    ours = await http.get(path, headers={"Host": "api.example:80"})
    theirs = await http.get(path, headers={"Host": "evil.example"})

    assert refused(ours)[0] == 401
    assert refused(theirs)[0] == 400


async def test_trap_8_behind_a_proxy_not_everybody_is_one_client() -> None:
    limited = settings(rate_limit_address="1/minute", trusted_proxies="203.0.113.7")
    service = Service(settings=limited)
    service.sell()
    http = Http(service.app)
    statuses = [
        (
            await http.post(
                CREATE,
                by=person,
                json={"programId": "choir"},
                headers={"X-Forwarded-For": address},
            )
        ).status_code
        for person, address in (
            (ADA, "198.51.100.1"),
            (GRACE, "198.51.100.2"),
            (GRACE, "198.51.100.1"),
        )
    ]

    assert statuses == [200, 200, 429]


@pytest.mark.parametrize("name", ["alg none", "HS512", "no exp", "no sub"])
async def test_trap_9_a_token_that_proves_nothing_is_refused(
    http: Http, name: str
) -> None:
    headers = {"Authorization": BAD_TOKENS[name]() or ""}

    response = await http.get("/api/purchases/my-purchases", headers=headers)

    assert refused(response)[:2] == (401, "authentication_required")


async def test_trap_9_the_document_is_not_public_in_production() -> None:
    live = settings(app_env="production", allowed_hosts="api.example")
    http = Http(Service(settings=live).app)

    files = [f"/schema/{FOLDER}/{name}" for name in MEDIA_TYPES]
    pages = ["/schema", "/schema/swagger", "/schema/openapi.yaml", "/schema/x"]
    for path in pages + files:
        answer = await http.get(path)
        assert refused(answer)[0] == 401
        assert answer.headers["cache-control"] == "no-store"
