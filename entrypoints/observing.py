"""What watches the calls that we make: how long each took, and how it ended."""

from asyncio import CancelledError
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Final

from application.errors import ApplicationError
from application.ports.metrics import Metrics

OK: Final = "ok"
CANCELLED: Final = "cancelled"  # whoever asked hung up, or the process ends
FAILED: Final = "failed"  # a bug


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedCalls:
    """Times each call for the figures."""

    metrics: Metrics

    @contextmanager
    def watching(self, name: str) -> Iterator[None]:
        began, outcome = perf_counter(), OK
        try:
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
