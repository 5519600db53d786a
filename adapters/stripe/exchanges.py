"""Stripe's names for the requests that one call of ours took.

Its support asks for them first: https://docs.stripe.com/api/request_ids.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

NAMED_MAX: Final = 5  # of one call; a list of many pages has more
LONGEST: Final = 64

_ASKED: ContextVar["list[str] | None"] = ContextVar("asked", default=None)


@contextmanager
def named_requests() -> Iterator[list[str]]:
    """Collect the ids of the requests that are sent in the body of the `with`."""
    before, names = _ASKED.get(), list[str]()
    _ASKED.set(names)
    try:
        yield names
    finally:
        _ASKED.set(before)  # not by its token: a generator may end in another context


def note_request(request_id: str | None) -> None:
    """Remember the id in an answer's header, if somebody collects and it is one."""
    names = _ASKED.get()
    is_id = request_id is not None and request_id.isascii() and request_id.isprintable()
    if names is not None and is_id and request_id and len(names) < NAMED_MAX:
        names.append(request_id[:LONGEST])
