"""The names that stand on every line that is logged for a request."""

import re
from typing import Any, Final

import structlog
from litestar import Request

# Only what looks like a name that we or Stripe gave: a path may hold anything.
NAMES: Final = {
    "purchase_id": re.compile(r"[0-9a-f]{32}|[0-9a-f]{24}"),
    "session_id": re.compile(r"cs_[A-Za-z0-9_]{1,250}"),
    "event_id": re.compile(r"evt_[A-Za-z0-9_]{1,250}"),
}
IN_PATHS: Final = ("purchase_id", "session_id", "event_id")


def bind_names(*names: str | None) -> None:
    """Put these on the lines of the request under way; what is no name is left out."""
    bound = {
        key: name
        for name in names
        if name is not None
        for key, pattern in NAMES.items()
        if pattern.fullmatch(name)
    }
    structlog.contextvars.bind_contextvars(**bound)


def forget_names() -> None:
    """Take them off again: the next request may run in the same task."""
    structlog.contextvars.unbind_contextvars(*NAMES)


async def bind_path_names(request: Request[Any, Any, Any]) -> None:
    """Bind what the path names, before its handler runs.

    Not a plain function: Litestar would run it in a thread, on a copy of the context.
    """
    found = request.path_params
    bind_names(*(str(found[place]) for place in IN_PATHS if place in found))
