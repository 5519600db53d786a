"""What a collector is sent, over real HTTP; and what it is never sent."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from adapters.opentelemetry.tracing import OpenTelemetryTracing
from tests.servers.collector import Collector, collector, facts

PLANTED: Final = ("canary", "ada@example.org", "eyJhbGciOi", "203.0.113.9")
THEIRS: Final = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def gathered() -> Iterator[Collector]:
    with collector() as gathered:
        yield gathered


def tracing_to(gathered: Collector) -> OpenTelemetryTracing:
    return OpenTelemetryTracing(
        endpoint=gathered.url, version="1.2.3", environment="test"
    )


def scope(**more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": "/api/canary/ada@example.org",
        "query_string": b"token=eyJhbGciOi.canary",
        "client": ("203.0.113.9", 5),
        "headers": [
            (b"authorization", b"Bearer eyJhbGciOi.canary"),
            (b"user-agent", b"canary"),
            (b"traceparent", THEIRS),
        ],
        **more,
    }


async def asked(tracing: OpenTelemetryTracing, app: Any, **more: Any) -> None:
    async def ignore(*_: object) -> Any:
        return None

    await tracing.around(app)(scope(**more), ignore, ignore)


async def answers(scope: Any, _receive: Any, send: Any) -> None:
    scope["path_template"] = "/api/programs/{program_id}"
    scope["state"] = {"request_id": "request-1"}
    await send({"type": "http.response.start", "status": 503, "headers": []})


async def test_a_request_is_a_span_by_the_template_of_its_route(
    gathered: Collector,
) -> None:
    tracing = tracing_to(gathered)
    await asked(tracing, answers)
    await tracing.close()

    [span] = gathered.spans
    assert span.name == "GET /api/programs/{program_id}"
    assert facts(span) == {
        "http.request.method": "GET",
        "http.route": "/api/programs/{program_id}",
        "http.response.status_code": 503,
        "spothold.request_id": "request-1",
    }
    assert span.status.code == 2
    [resource] = gathered.requests[0].resource_spans
    named = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert named["service.name"] == "spothold"
    assert named["service.version"] == "1.2.3"


async def test_a_stranger_is_pointed_to_and_does_not_decide(
    gathered: Collector,
) -> None:
    tracing = tracing_to(gathered)
    await asked(tracing, answers)
    await tracing.close()

    [span] = gathered.spans
    assert span.parent_span_id == b""
    assert [link.trace_id.hex() for link in span.links] == [THEIRS[3:35].decode()]
    assert span.trace_id.hex() != THEIRS[3:35].decode()


async def test_nothing_that_a_caller_said_and_no_word_of_an_error_is_sent(
    gathered: Collector,
) -> None:
    tracing = tracing_to(gathered)

    async def stumbles(*_: object) -> None:
        raise RuntimeError("canary ada@example.org")

    with pytest.raises(RuntimeError):
        await asked(tracing, stumbles)
    with pytest.raises(RuntimeError), tracing.span("stripe get_session"):
        raise RuntimeError("canary ada@example.org")
    await tracing.close()

    first, second = sorted(gathered.spans, key=lambda span: span.name)
    assert (first.name, second.name) == ("GET (none)", "stripe get_session")
    assert facts(second) == {"error.type": "RuntimeError"}
    for body in gathered.bodies:
        assert [word for word in PLANTED if word.encode() in body] == []


async def test_a_collector_that_is_away_costs_nothing_but_traces() -> None:
    tracing = OpenTelemetryTracing(
        endpoint="http://127.0.0.1:1", version="1", environment="test"
    )
    await asked(tracing, answers)
    await tracing.close()


async def test_what_is_no_request_passes_by(gathered: Collector) -> None:
    tracing = tracing_to(gathered)
    seen = []

    async def lives(scope: Any, *_: object) -> None:
        seen.append(scope["type"])

    await asked(tracing, lives, type="lifespan")
    await tracing.close()

    assert seen == ["lifespan"]
    assert gathered.spans == []
