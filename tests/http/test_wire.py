"""What only real sockets can show: chunks, missing headers, bytes that are no text."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.http.logs import logging_to_memory
from tests.http.people import ADA
from tests.http.service import CREATE, WEBHOOK, Service, settings, sign
from tests.http.sockets import Answer, Wire, listening


@pytest.fixture(params=["h11", "httptools"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[Wire]:
    service = Service()
    service.sell()
    async with listening(service.app, http=request.param) as wire:
        yield wire


def head(method: str, path: str, *lines: str) -> bytes:
    first = f"{method} {path} HTTP/1.1"
    return "\r\n".join([first, "Connection: close", *lines, "", ""]).encode("latin-1")


def posted(path: str, body: bytes, *lines: str) -> bytes:
    length = f"Content-Length: {len(body)}"
    return head("POST", path, "Host: api.example", length, *lines) + body


def chunked(total: int) -> list[bytes]:
    """Write a body in chunks whose sum is nowhere told."""
    chunk = b"%x\r\n%s\r\n" % (8192, b" " * 8192)
    return [chunk] * (total // 8192) + [b"0\r\n\r\n"]


TOKEN = f"Authorization: Bearer {ADA.token}"
AS_JSON = "Content-Type: application/json"
CHUNKED = ("Host: api.example", "Transfer-Encoding: chunked")


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, json.loads(answer.body)["code"]


async def test_a_body_in_chunks_is_bounded_too(wire: Wire) -> None:
    start = head("POST", CREATE, *CHUNKED, TOKEN, AS_JSON)

    answer = await wire.send(start, *chunked(24 * 1024))

    assert code(answer) == (413, "body_too_large")


async def test_a_webhook_in_chunks_is_bounded_too(wire: Wire) -> None:
    start = head("POST", WEBHOOK, *CHUNKED, AS_JSON)

    assert code(await wire.send(start, *chunked(256 * 1024))) == (
        400,
        "invalid_signature",
    )
    assert code(await wire.send(start, *chunked(264 * 1024))) == (413, "body_too_large")


async def test_a_body_in_chunks_is_read(wire: Wire) -> None:
    body = b'{"programId":"choir"}'
    start = head("POST", CREATE, *CHUNKED, TOKEN, AS_JSON)

    answer = await wire.send(start, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))

    assert answer.status == 200
    assert json.loads(answer.body)["data"]["existing"] is False


async def test_an_announced_length_is_believed_when_it_is_too_much(wire: Wire) -> None:
    lines = ("Host: api.example", TOKEN, AS_JSON, "Content-Length: 99999999999")

    assert code(await wire.send(head("POST", CREATE, *lines))) == (
        413,
        "body_too_large",
    )


async def test_a_body_without_a_content_type_is_refused(wire: Wire) -> None:
    answer = await wire.send(posted(CREATE, b'{"programId":"choir"}', TOKEN))

    assert code(answer) == (415, "unsupported_media_type")


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[" * 8000, b"\x00"], ids=repr)
async def test_bytes_that_are_no_json_are_refused(wire: Wire, body: bytes) -> None:
    answer = await wire.send(posted(CREATE, body, TOKEN, AS_JSON))

    assert code(answer) == (400, "invalid_request")


@pytest.mark.parametrize(
    "signature", ["v1=é", "t=1,v1=ÿ", "\x7f", "t=" + "9" * 5000, "t=1", ","]
)
async def test_a_signature_of_strange_letters_is_refused(
    wire: Wire, signature: str
) -> None:
    answer = await wire.send(
        posted(WEBHOOK, b"\xff{}", AS_JSON, f"Stripe-Signature: {signature}")
    )

    assert answer.status == 400


async def test_a_signed_body_that_is_no_text_is_refused(wire: Wire) -> None:
    for body in (b"\xff", b"[" * 8000, b"null", b"[]", b"{}"):
        signature = f"Stripe-Signature: {sign(body)}"

        answer = await wire.send(posted(WEBHOOK, body, AS_JSON, signature))

        assert code(answer) == (400, "invalid_signature")


@pytest.mark.parametrize(
    "path",
    [
        "/api/purchases/%00",
        "/api/purchases/%ff%fe",
        "/api/purchases/" + "a" * 10_000,
        "/api/purchases/[$ne]",
        "/api/purchases/%2e%2e%2fadmin",
        "/api/purchases/verify-session/%00",
        "//",
        "/%",
        "/api/../etc/passwd",
    ],
)
async def test_a_strange_path_is_nothing(wire: Wire, path: str) -> None:
    answer = await wire.send(head("GET", path, "Host: api.example", TOKEN))

    assert answer.status in {400, 404}


async def test_there_is_no_banner_and_every_answer_is_guarded(wire: Wire) -> None:
    answer = await wire.send(head("GET", "/nowhere", "Host: api.example"))

    assert "server" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_who_hangs_up_harms_nobody(wire: Wire) -> None:
    start = head(
        "POST", CREATE, "Host: api.example", TOKEN, AS_JSON, "Content-Length: 99"
    )
    with logging_to_memory("DEBUG", "json") as log:
        for _ in range(3):
            await wire.hang_up(start, b'{"programId":')
        answer = await wire.send(head("GET", "/api/system/ready", "Host: api.example"))

    assert answer.status == 200
    assert [line for line in log.lines if line["level"] == "error"] == []


async def test_without_a_host_nothing_is_answered() -> None:
    service = Service(settings=settings(allowed_hosts="api.example"))
    async with listening(service.app) as wire:
        with_it = await wire.send(
            head("GET", "/api/system/health", "Host: api.example")
        )
        without = await wire.send(b"GET /api/system/health HTTP/1.0\r\n\r\n")

    assert with_it.status == 200
    assert without.status == 400


async def test_uvicorn_believes_no_forwarded_address_by_itself() -> None:
    limited = settings(rate_limit_address="1/minute")
    service = Service(settings=limited)
    service.sell()
    body = b'{"programId":"choir"}'
    async with listening(service.app) as wire:
        statuses = [
            (await wire.send(posted(CREATE, body, TOKEN, AS_JSON, forwarded))).status
            for forwarded in ("X-Forwarded-For: 10.0.0.1", "X-Forwarded-For: 10.0.0.2")
        ]

    assert statuses == [200, 429]
