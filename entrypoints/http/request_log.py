"""What was asked, how it ended, how long it took: one line, and the figures."""

from datetime import timedelta
from hashlib import sha256
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self

import structlog
from structlog.contextvars import bind_contextvars, reset_contextvars

from application.ports.metrics import Metrics
from entrypoints.http.log_names import forget_names

log = structlog.get_logger("spothold.requests")

GONE: Final = 499  # the caller hung up before there was an answer
NO_ROUTE: Final = "(none)"
BRIEF: Final = "brief"


def short_hash(buyer_id: str) -> str:
    """Tell buyers apart in a log without naming them."""
    return sha256(buyer_id.encode()).hexdigest()[:12]


def be_brief(scope: Any) -> None:
    """Let a request be counted without a line: there are too many like it."""
    scope["state"][BRIEF] = True


class RequestLog:
    """Times the body of a `with`; the id is on every line that is logged in it.

    So are the names of the purchase, session and event, as soon as they are known.

    The route's template is logged, never the path: a path may hold anything.
    """

    def __init__(self, scope: Any, request_id: str, *, metrics: Metrics) -> None:
        self.status = GONE
        self._metrics = metrics
        self._scope = scope
        self._request_id = request_id

    def __enter__(self) -> Self:
        self._began = perf_counter()
        self._bound = bind_contextvars(request_id=self._request_id)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        caller = self._scope.get("user")
        took = timedelta(seconds=perf_counter() - self._began)
        asked = {
            "method": self._scope["method"],
            "route": self._scope.get("path_template", NO_ROUTE),
            "status": self.status,
        }
        self._metrics.time_request(**asked, took=took)
        if BRIEF not in self._scope["state"]:
            log.info(
                "request",
                **asked,
                ms=round(took.total_seconds() * 1000, 1),
                buyer=short_hash(caller.id) if caller else None,
            )
        forget_names()
        reset_contextvars(**self._bound)
