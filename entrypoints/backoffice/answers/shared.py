"""What several answers have in common."""

from typing import Generic, TypeVar

from entrypoints.storefront.answers import Answer

T = TypeVar("T")
Fact = str | int | float | bool | None


class Listed(Answer, Generic[T], frozen=True):
    """One page of a list."""

    items: list[T]
    page: int
    page_size: int
    total: int

    @property
    def pages(self) -> int:
        """Return how many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.page_size))

    @property
    def first(self) -> int:
        return (self.page - 1) * self.page_size + 1

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1
