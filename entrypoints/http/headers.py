"""What goes around every request: its id, its host, its headers, its log line."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.status_codes import HTTP_200_OK
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from application.ports.clock import Clock
from application.ports.metrics import Metrics
from application.ports.trail import Trail
from entrypoints.http.leaving import Leaving
from entrypoints.http.openapi import CSP
from entrypoints.http.problems import MEDIA_TYPE, problem_of
from entrypoints.http.refusals import InvalidHost
from entrypoints.http.request_ids import give_request_id
from entrypoints.http.request_log import RequestLog
from entrypoints.http.swagger_ui import CACHE
from entrypoints.http.trail_notes import RequestTrail
from entrypoints.settings import Settings

API_CSP: Final = "default-src 'none'; frame-ancestors 'none'"
ALWAYS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HSTS: Final = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The outermost layer: it also sees what no route answers."""

    app: ASGIApp
    headers: Mapping[str, str]
    hosts: Collection[str]
    clock: Callable[[], Clock]
    leaving: Leaving
    metrics: Callable[[], Metrics]
    trail: Callable[[], Trail]

    @classmethod
    def around(
        cls,
        app: ASGIApp,
        settings: Settings,
        *,
        clock: Callable[[], Clock],
        leaving: Leaving,
        metrics: Callable[[], Metrics],
        trail: Callable[[], Trail],
    ) -> "Envelope":
        return cls(
            app=app,
            clock=clock,
            leaving=leaving,
            metrics=metrics,
            trail=trail,
            headers=ALWAYS | (HSTS if settings.is_production else {}),
            hosts=settings.hosts,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        request_id = give_request_id(scope)
        line = RequestLog(scope, request_id, metrics=self.metrics())
        with line, self._noted(scope, line, request_id):

            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    line.status = message["status"]
                    self._complete(message, scope, request_id)
                await send(message)

            if is_for_us(self.hosts, scope):
                await self.app(scope, receive, send_with_headers)
            else:
                await _refuse_host(scope, send_with_headers, request_id)

    def _noted(self, scope: Scope, line: RequestLog, request_id: str) -> RequestTrail:
        return RequestTrail(
            scope=scope,
            request_id=request_id,
            status=lambda: line.status,
            trail=self.trail(),
            clock=self.clock(),
        )

    def _complete(self, message: Any, scope: Any, request_id: str) -> None:
        handler = scope.get("route_handler")
        said = handler.opt if handler else {}
        headers = {
            **self.headers,
            "Content-Security-Policy": said.get(CSP, API_CSP),
            "X-Request-Id": request_id,
        }
        if message["status"] == HTTP_200_OK and CACHE in said:
            headers["Cache-Control"] = said[CACHE]  # a refusal is never kept
        if self.leaving.is_under_way:
            headers["Connection"] = "close"  # whoever asks again asks another instance
        put(headers, into=message)


def put(headers: Mapping[str, str], *, into: Any) -> None:
    """Set headers of an answer; what it says of them itself goes.

    Litestar's own way reads and writes the whole list for each of them, which takes
    five times as long (docs/adr/0033).
    """
    ours = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in headers.items()
    ]
    names = {name for name, _ in ours}
    theirs = [pair for pair in into.get("headers", ()) if pair[0].lower() not in names]
    into["headers"] = [*theirs, *ours]


def is_for_us(hosts: Collection[str], scope: Scope) -> bool:
    """Compare the host that was asked, with its port or without; no hosts: any."""
    if not hosts:
        return True
    named = Headers.from_scope(scope).getall("host", [])
    host = named[0].lower() if len(named) == 1 else ""
    bare, colon, port = host.rpartition(":")
    return host in hosts or (bool(colon) and port.isdigit() and bare in hosts)


async def _refuse_host(scope: Any, send: Send, request_id: str) -> None:
    problem = problem_of(InvalidHost(), instance=scope["path"], request_id=request_id)
    body = msgspec.json.encode(problem)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send(
        {
            "type": "http.response.start",
            "status": problem.status,
            "headers": headers,
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
