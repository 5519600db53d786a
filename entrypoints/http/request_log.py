"""One line for each request: what was asked, how it ended, how long it took."""

from hashlib import sha256
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self

import structlog

log = structlog.get_logger("spothold.requests")

GONE: Final = 499  # the caller hung up before there was an answer
NO_ROUTE: Final = "(none)"


def short_hash(buyer_id: str) -> str:
    """Tell buyers apart in a log without naming them."""
    return sha256(buyer_id.encode()).hexdigest()[:12]


class RequestLog:
    """Times the body of a `with`; the id is on every line that is logged in it.

    The route's template is logged, never the path: a path may hold anything.
    """

    def __init__(self, scope: Any, request_id: str) -> None:
        self.status = GONE
        self._scope = scope
        self._context = structlog.contextvars.bound_contextvars(request_id=request_id)

    def __enter__(self) -> Self:
        self._began = perf_counter()
        self._context.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        caller = self._scope.get("user")
        log.info(
            "request",
            method=self._scope["method"],
            route=self._scope.get("path_template", NO_ROUTE),
            status=self.status,
            ms=round((perf_counter() - self._began) * 1000, 1),
            buyer=short_hash(caller.id) if caller else None,
        )
        self._context.__exit__(kind, error, trace)
