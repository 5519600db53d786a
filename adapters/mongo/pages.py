from collections.abc import Mapping
from typing import Any

from beanie import Document

from adapters.mongo.errors import storage_errors

Row = Mapping[str, Any]


async def read_page(
    document: type[Document],
    only_if: Row,
    *,
    sort: list[tuple[str, int]],
    without: Row,
    page: int,
    size: int,
) -> tuple[list[Row], int]:
    """Return the rows of one page, counted from 1, and how many there are in all.

    They are counted only if the page does not tell: one that is not full is the last.
    """
    rows = document.get_pymongo_collection()
    before = (page - 1) * size
    with storage_errors():
        cursor = rows.find(only_if, without).sort(sort).skip(before).limit(size)
        found = await cursor.to_list()
        if len(found) < size and (found or page == 1):
            return found, before + len(found)
        return found, await rows.count_documents(only_if)
