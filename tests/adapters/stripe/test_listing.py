"""Stripe's lists are read page after page, and no page outlives its rows."""

import gc
import weakref
from typing import Any

import stripe

from adapters.stripe.listing import listed
from adapters.stripe.patience import Patience


class Pages:
    """Answers with two pages of two rows; `answers` lets go of them as others do."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answers: list[weakref.ref[Any]] = []

    async def ask(self, parameters: dict[str, Any]) -> stripe.ListObject[Any]:
        self.asked.append(dict(parameters))
        first = 2 * len(self.asked)
        page = {
            "object": "list",
            "data": [{"object": "event", "id": f"evt_{first + n}"} for n in range(2)],
            "has_more": len(self.asked) == 1,
        }
        answer: stripe.ListObject[Any] = stripe.ListObject.construct_from(page, "sk")
        self.answers.append(weakref.ref(answer))
        return answer


async def test_the_next_page_is_asked_for_where_the_last_ended() -> None:
    pages = Pages()

    rows = [row async for row in listed(pages.ask, {"a": 1}, patience=Patience())]

    assert [row["id"] for row in rows] == ["evt_2", "evt_3", "evt_4", "evt_5"]
    assert [asked.get("starting_after") for asked in pages.asked] == [None, "evt_3"]
    assert [asked["a"] for asked in pages.asked] == [1, 1]


async def test_the_sdks_page_is_gone_before_its_first_row_is_worked_on() -> None:
    """It weighs megabytes, and jobs that list work beside each other."""
    pages = Pages()
    gc.disable()
    try:
        rows = listed(pages.ask, {}, patience=Patience())
        await anext(rows)

        assert [answer() for answer in pages.answers] == [None]
    finally:
        gc.enable()
    await rows.aclose()
