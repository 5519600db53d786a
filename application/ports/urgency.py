"""Whether somebody waits for what is done now."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CAN_WAIT: ContextVar[bool] = ContextVar("can_wait", default=False)


@contextmanager
def unhurried() -> Iterator[None]:
    """Let what is done in the body of a `with` give way to what somebody waits for."""
    token = _CAN_WAIT.set(True)
    try:
        yield
    finally:
        _CAN_WAIT.reset(token)


def can_wait() -> bool:
    """Say whether what is done now gives way."""
    return _CAN_WAIT.get()
