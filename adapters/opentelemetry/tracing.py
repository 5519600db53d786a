"""Spans of requests, jobs, calls of Stripe and commands of MongoDB.

What a span says is chosen here, name by name, and holds no person: no path and no query
(a path may hold anything), no header, no address, no statement, no words of an error.
"""

import asyncio
from collections.abc import Awaitable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Link,
    Span,
    SpanKind,
    Status,
    StatusCode,
    format_trace_id,
    get_current_span,
)
from opentelemetry.trace.propagation.tracecontext import (
    TraceContextTextMapPropagator,
)
from pymongo.monitoring import CommandListener

from adapters.opentelemetry.commands import CommandSpans

TRACES: Final = "/v1/traces"
EXPORT_MAX: Final = 5  # seconds; a collector that is silent costs traces, nothing else
SERVER_ERROR: Final = 500
TRACEPARENT: Final = b"traceparent"


class OpenTelemetryTracing:
    """Sends spans to a collector, over OTLP and HTTP, in a thread beside the loop.

    Args:
        endpoint: the collector's base address; `/v1/traces` is added.
        version: of the service.
        environment: which of our installations this is.
    """

    def __init__(self, *, endpoint: str, version: str, environment: str) -> None:
        self._provider = TracerProvider(
            resource=Resource.create(
                {
                    "service.name": "spothold",
                    "service.version": version,
                    "deployment.environment.name": environment,
                }
            ),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(
            endpoint=f"{endpoint.rstrip('/')}{TRACES}", timeout=EXPORT_MAX
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("spothold")

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Let the body of a `with` be a span; the kind of an error is noted."""
        kind = SpanKind.CLIENT if name.startswith("stripe") else SpanKind.INTERNAL
        with self._opened(name, kind):
            yield

    def around(self, app: Any) -> Any:
        """Return the app, with a span for each request."""

        async def traced(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                await self._serve(app, scope, receive, send)
            else:
                await app(scope, receive, send)

        return traced

    def listeners(self) -> Sequence[CommandListener]:
        """Return what makes spans of the database's commands."""
        return (CommandSpans(self._tracer),)

    async def close(self) -> None:
        """Send what is left."""
        await asyncio.to_thread(self._provider.shutdown)

    async def _serve(self, app: Any, scope: Any, receive: Any, send: Any) -> None:
        links = _links_of(scope)
        with self._opened(scope["method"], SpanKind.SERVER, links=links) as span:
            trace_id = format_trace_id(span.get_span_context().trace_id)
            status = _Status(send)
            with structlog.contextvars.bound_contextvars(trace_id=trace_id):
                try:
                    await app(scope, receive, status)
                finally:
                    _describe(span, scope, status.seen)

    @contextmanager
    def _opened(
        self, name: str, kind: SpanKind, *, links: Sequence[Link] = ()
    ) -> Iterator[Span]:
        # The SDK would copy an error's words, in which anything may stand.
        with self._tracer.start_as_current_span(
            name,
            kind=kind,
            links=links,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise


class _Status:
    """Passes messages on, and remembers the status among them."""

    seen: int | None = None

    def __init__(self, send: Any) -> None:
        self._send = send

    def __call__(self, message: MutableMapping[str, Any]) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.seen = message["status"]
        sent: Awaitable[None] = self._send(message)
        return sent


def _describe(span: Span, scope: Any, status: int | None) -> None:
    route = scope.get("path_template", "(none)")
    span.update_name(f"{scope['method']} {route}")
    span.set_attributes(
        {
            "http.request.method": scope["method"],
            "http.route": route,
            "spothold.request_id": scope.get("state", {}).get("request_id", ""),
        }
    )
    if status is not None:
        span.set_attribute("http.response.status_code", status)
        if status >= SERVER_ERROR:
            span.set_status(Status(StatusCode.ERROR))


def _links_of(scope: Any) -> list[Link]:
    """Point to the caller's own trace: a stranger may not decide about ours."""
    headers: Mapping[str, str] = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name == TRACEPARENT
    }
    context = TraceContextTextMapPropagator().extract(headers)
    theirs = get_current_span(context).get_span_context()
    return [Link(theirs)] if theirs.is_valid else []
