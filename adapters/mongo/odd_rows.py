from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import structlog

from domain.errors import DomainError

log = structlog.get_logger(__name__)

T = TypeVar("T")


def readable_of(
    rows: Iterable[Mapping[str, Any]], read: Callable[[Mapping[str, Any]], T]
) -> Iterator[T]:
    """Leave out what cannot be read: one odd row must not hide the others."""
    for row in rows:
        try:
            yield read(row)
        except (ValueError, DomainError):  # pydantic's is a ValueError
            log.exception("row unreadable", row=row["_id"])
