"""What watches the calls that we make: how long each took, and how it ended."""

from asyncio import CancelledError
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any, Final, Protocol

from application.errors import ApplicationError
from application.ports.metrics import Metrics

OK: Final = "ok"
CANCELLED: Final = "cancelled"  # whoever asked hung up, or the process ends
FAILED: Final = "failed"  # a bug


class Tracing(Protocol):
    """Says what was done in what, and how long each part took; it names no person."""

    def span(self, name: str) -> AbstractContextManager[None]:
        """Let the body of a `with` be one part; `name` is one of a few."""
        ...

    def around(self, app: Any) -> Any:
        """Return an ASGI application whose every request is traced."""
        ...

    def listeners(self) -> Sequence[Any]:
        """Return what listens to the database's commands."""
        ...

    async def close(self) -> None:
        """Send what is left; it never fails, and takes some seconds at most."""
        ...


class NoTracing:
    """Makes none and costs nothing."""

    def span(self, name: str) -> AbstractContextManager[None]:
        del name
        return nullcontext()

    def around(self, app: Any) -> Any:
        return app

    def listeners(self) -> Sequence[Any]:
        return ()

    async def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedCalls:
    """Times each call of Stripe for the figures, and makes a span of it."""

    metrics: Metrics
    tracing: Tracing = field(default_factory=NoTracing)

    @contextmanager
    def watching(self, name: str) -> Iterator[None]:
        began, outcome = perf_counter(), OK
        try:
            with self.tracing.span(f"stripe {name}"):
                yield
        except BaseException as error:
            outcome = outcome_of(error)
            raise
        finally:
            took = timedelta(seconds=perf_counter() - began)
            self.metrics.time_call(call=name, outcome=outcome, took=took)


def outcome_of(error: BaseException) -> str:
    """Name how a call ended; there are few names, for each is a series."""
    if isinstance(error, ApplicationError):
        return error.code
    return CANCELLED if isinstance(error, CancelledError) else FAILED
