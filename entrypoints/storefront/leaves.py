"""Lists that are longer than a page."""

from dataclasses import dataclass
from typing import Annotated

from litestar.params import QueryParameter

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One page of a list of `total` entries, `size` at a time."""

    page: int
    size: int
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))
