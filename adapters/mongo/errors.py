"""What MongoDB's errors mean for us."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pymongo.errors import (
    ConfigurationError,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
)

from application.ports.storage import StorageUnavailable

# BadValue, FailedToParse, TypeMismatch, ConflictingUpdateOperators, ImmutableField:
# the server understood that we ask nonsense, and will say so each time.
NONSENSE: Final = frozenset({2, 9, 14, 40, 66})


@contextmanager
def storage_errors() -> Iterator[None]:
    """Say `StorageUnavailable` for whatever is neither a duplicate nor our own bug.

    The default is the careful one: an unknown outcome.  A cancelled await is one too,
    and is left alone if it is the caller who was cancelled.  The driver also lets out
    a cancellation of its own, of a connection that broke while somebody else read.
    """
    try:
        yield
    except DuplicateKeyError:
        raise
    except PyMongoError as error:
        if _is_a_bug(error):
            raise
        raise StorageUnavailable from error
    except asyncio.CancelledError as error:
        if _is_for_us():
            raise
        raise StorageUnavailable from error


def duplicate_key(error: DuplicateKeyError) -> tuple[str, ...]:
    """Return the fields of the unique index that refused."""
    return tuple((error.details or {}).get("keyPattern", ()))


def _is_a_bug(error: PyMongoError) -> bool:
    if isinstance(error, OperationFailure):
        return error.code in NONSENSE
    return isinstance(error, ConfigurationError)


def _is_for_us() -> bool:
    """Say whether somebody cancels the task that we are in."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0
