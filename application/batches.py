"""Work through many, some at a time."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from itertools import islice
from typing import Final, TypeVar

LISTED_AT_ONCE: Final = 100

T = TypeVar("T")


async def in_batches(listed: AsyncGenerator[T, None]) -> AsyncGenerator[list[T], None]:
    """Gather what is listed, so that a batch costs one trip to our own storage."""
    batch: list[T] = []
    async with aclosing(listed):
        async for each in listed:
            batch.append(each)
            if len(batch) == LISTED_AT_ONCE:
                yield batch
                batch = []
    if batch:
        yield batch


def in_parts(items: Iterable[T], *, size: int) -> Iterator[list[T]]:
    """Cut what is in memory into lists of at most so many."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
