from collections.abc import Sequence
from typing import TypeVar

from application.ports.pages import Page

T = TypeVar("T")


def page_of(rows: Sequence[T], *, page: int, size: int) -> Page[T]:
    """Cut one page out of all rows; the first is page 1."""
    start = (page - 1) * size
    return Page(items=tuple(rows[start : start + size]), total=len(rows))
