"""What stands in the log, and what never does."""

import io
import logging
from collections.abc import Iterator
from typing import Final

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from application.ports.payment_events import EventKind
from entrypoints.http.request_log import short_hash
from entrypoints.logging import (
    _SECRETS,
    REDACTED,
    _clean,
    _without_secrets,
    configure_logging,
    redact,
)
from tests.http.logs import Log, logging_to_memory
from tests.http.people import ADA, BAD_TOKENS, JWT_SECRET, ROOT
from tests.http.service import CREATE, WEBHOOK_SECRET, Http, Service, sign

PLANTED: Final = (
    ADA.email,
    ADA.name,
    "Lovelace",
    JWT_SECRET,
    WEBHOOK_SECRET,
    "sk_test_planted",
    "canary",
)


@pytest.fixture
def log() -> Iterator[Log]:
    with logging_to_memory("DEBUG", "json") as log:
        yield log


async def test_a_request_is_one_line(http: Http, log: Log) -> None:
    begun = await http.buy(ADA)
    response = await http.get(f"/api/purchases/{begun['purchaseId']}?x=canary", by=ADA)

    line = log.requests[-1]
    assert line.pop("ms") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "spothold.requests",
        "method": "GET",
        "route": "/api/purchases/{purchase_id}",
        "status": 200,
        "buyer": short_hash(ADA.id),
        "request_id": response.headers["x-request-id"],
        "purchase_id": begun["purchaseId"],
    }
    assert len(log.requests) == 2


async def test_every_line_of_a_request_names_what_it_is_about(
    http: Http, service: Service, log: Log
) -> None:
    begun = await http.buy(ADA)
    service.pay(begun["sessionId"])
    kind = EventKind.SESSION_COMPLETED
    delivered = await http.deliver(service.event(begun["sessionId"], kind=kind))
    await http.get("/api/programs")

    bought, told, other = log.requests
    assert bought["purchase_id"] == begun["purchaseId"]
    assert told["event_id"].startswith("evt_")
    assert told["session_id"] == begun["sessionId"]
    assert told["purchase_id"] == begun["purchaseId"]
    assert "purchase_id" not in other, "it is another request"
    of_delivery = [
        line
        for line in log.lines
        if line.get("request_id") == delivered.headers["x-request-id"]
    ]
    assert {line["event_id"] for line in of_delivery} == {told["event_id"]}


@pytest.mark.parametrize("name", ["canary", "Ada.Lovelace", "a" * 31, "g" * 32])
async def test_a_path_that_holds_no_name_of_ours_is_not_logged(
    http: Http, log: Log, name: str
) -> None:
    await http.get(f"/api/purchases/{name}", by=ADA)
    await http.get(f"/api/purchases/verify-session/{name}", by=ADA)

    assert len(log.requests) == 2
    assert name not in log.text


async def test_what_no_route_answers_is_a_line_without_its_path(
    http: Http, log: Log
) -> None:
    await http.get("/canary")
    await http.ask("PUT", "/api/programs")

    assert [(line["route"], line["status"]) for line in log.requests] == [
        ("(none)", 404),
        ("(none)", 405),
    ]
    assert "canary" not in log.text


async def test_a_bug_is_logged_with_its_request(
    http: Http, service: Service, log: Log
) -> None:
    async def stumble(_moment: str) -> None:
        raise RuntimeError(f"over {ADA.email} and Bearer {ADA.token}")

    service.storage.gate = stumble
    response = await http.post(CREATE, by=ADA, json={"programId": "choir"})

    [line] = [line for line in log.lines if line["level"] == "error"]
    assert line["request_id"] == response.json()["requestId"]
    assert "RuntimeError: over [redacted] and [redacted]" in line["exception"]
    assert ADA.token not in log.text


async def test_no_secret_and_no_person_is_ever_in_the_log(
    http: Http, service: Service, log: Log
) -> None:
    begun = await http.buy(ADA, rep=True)
    service.pay(begun["sessionId"])
    body = service.event(begun["sessionId"], kind=EventKind.SESSION_COMPLETED)
    await http.deliver(body)
    await http.deliver(body, headers={"Stripe-Signature": sign(body, secret="canary")})
    for path in ("", "/receipt"):
        await http.get(f"/api/purchases/{begun['purchaseId']}{path}", by=ADA)
    for make in BAD_TOKENS.values():
        await http.get(
            "/api/purchases/canary", headers={"Authorization": make() or "canary"}
        )
    headers = {"Content-Type": "application/json"}
    for content in (
        b'{"canary":1}',
        b'"canary"',
        b"canary",
        b'{"programId":"canary!"}',
    ):
        await http.post(CREATE, by=ADA, content=content, headers=headers)
    await http.get("/api/system/locks", by=ROOT)

    assert len(log.requests) > len(BAD_TOKENS)
    assert [word for word in (*PLANTED, sign(body)[-64:]) if word in log.text] == []
    assert "eyJ" not in log.text


SECRETS: Final = (
    f"Authorization: Bearer {ADA.token}",
    ADA.token,
    "sk_live_canary",
    "rk_test_canary",
    "whsec_canary",
    "t=1,v1=" + "a0" * 32,
    "mongodb+srv://root:canary@db.example/x",
    "write to canary@example.org, please",
)
# Letters that are no ASCII and yet fit where case does not matter.
NEARLY: Final = ("BEARER canary", "ba\u017fic canary", "bas\u0130c canary", "V1=canary")
TRACES: Final = ("canary", "eyJ", "a0a0")


@pytest.mark.parametrize("said", SECRETS)
def test_what_looks_like_a_secret_is_cut_out(log: Log, said: str) -> None:
    structlog.get_logger("test").info(said, said=said)
    logging.getLogger("library").warning("said %s", said)
    logging.getLogger("library").error("stumbled", exc_info=RuntimeError(said))

    assert len(log.lines) == 3
    assert "RuntimeError" in log.text
    assert [trace for trace in TRACES if trace in log.text] == []


@given(words=st.lists(st.sampled_from([*SECRETS, *NEARLY, "a plain word", "é@ü"])))
def test_a_quick_look_overlooks_no_secret(words: list[str]) -> None:
    said = " ".join(words)

    assert _without_secrets(said) == _SECRETS.sub(REDACTED, said)


NAMES: Final = ("status", "buyer", "token", "request_id", "_record")
PLAIN: Final = st.one_of(st.none(), st.booleans(), st.integers(), st.just(1.5))
TEXTS: Final = st.sampled_from([*SECRETS, *NEARLY, "a plain word", "é@ü"])
VALUES: Final = st.one_of(PLAIN, TEXTS, st.lists(TEXTS), st.just({"token": "a"}))


@given(event=st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_a_whole_line_is_cleaned_as_its_values_are(event: dict[str, object]) -> None:
    cleaned = {name: _clean(name, value) for name, value in event.items()}

    assert redact(None, "", event) == cleaned


class FullDisk(io.StringIO):
    def write(self, _: str) -> int:
        raise OSError("no space left on device")


def test_a_line_that_cannot_be_written_fails_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with logging_to_memory("INFO", "json"):
        configure_logging(log_format="json", stream=FullDisk())
        structlog.get_logger("test").info("canary")

    assert capsys.readouterr().err == "a line was lost: OSError\n"


@pytest.mark.parametrize(
    "said",
    [
        {"Authorization": "canary"},
        {"deep": {"password": "canary"}},
        {"list": ["a", {"email": "canary"}]},
        ("canary@example.org",),
        {"jwt_secret": "canary"},
        ValueError("canary@example.org"),
    ],
    ids=str,
)
def test_what_is_called_a_secret_is_cut_out_wherever_it_stands(
    log: Log, said: object
) -> None:
    structlog.get_logger("test").info("said", said=said)

    assert len(log.lines) == 1
    assert "canary" not in log.text


def test_talkative_libraries_are_quiet_at_every_level(log: Log) -> None:
    for name in ("stripe", "httpx", "httpcore", "pymongo.command"):
        logging.getLogger(name).info("canary")

    assert log.text == ""


def test_people_read_another_format() -> None:
    with logging_to_memory("info", "console") as log:
        structlog.get_logger("test").info("ready", port=8000)
        structlog.get_logger("test").debug("not told")

    assert "ready" in log.text
    assert "port=8000" in log.text
    assert "not told" not in log.text
