"""Stripe's lists, page after page."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Final

import stripe

from adapters.stripe.patience import Patience

PAGE: Final = 100  # Stripe's largest

# The parameters differ from list to list, and so do the rows.
ListCall = Callable[[Any], Awaitable[stripe.ListObject[Any]]]


async def listed(
    ask: ListCall, parameters: Mapping[str, Any], *, patience: Patience
) -> AsyncGenerator[Mapping[str, Any], None]:
    """Yield what a list holds, newest first; each page is asked for with patience."""
    asked = {**parameters, "limit": PAGE}
    has_more = True
    while has_more:
        # The SDK's page holds the answer's text and all of it three times over: nothing
        # but what is read of it stays while the rows are worked on.
        page = (await patience.insist(lambda: ask(asked))).to_dict()
        for row in page["data"]:
            yield row
        has_more = page["has_more"] and bool(page["data"])
        if has_more:
            asked["starting_after"] = page["data"][-1]["id"]
