"""Buyers pay on Stripe's own page: no card number ever comes to rest here."""

import json
import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.examples import CHOIR, a_program
from tests.servers.live_service import LiveService, live_service
from tests.waiting import eventually

STRIPES_TEST_CARD: Final = "4242424242424242"
# Beside a letter or a point it is part of an id, or of a second.
_LONG: Final = re.compile(r"(?<![\w.])[0-9](?:[ -]?[0-9]){12,18}(?![\w.])")


def card_numbers(text: str) -> Iterator[str]:
    """Find what is as long as a card number and adds up as one (Luhn)."""
    for found in _LONG.findall(text):
        digits = [int(digit) for digit in found if digit.isdigit()]
        doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
        if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0:
            yield found


async def everything(service: LiveService) -> str:
    """Write out all that the database holds."""
    database = service.container.mongo()[service.container.settings().mongodb_database]
    rows = [await service.rows(name) for name in await database.list_collection_names()]
    return json.dumps(rows, default=str)


async def test_no_card_number_comes_to_rest_here(
    mongo_uri: str, database_name: str
) -> None:
    async with live_service(mongo_uri, database_name, reconciles=False) as service:
        await service.offer(a_program())
        answer = await service.check_out("ada", CHOIR, as_class_rep=True)
        await service.stripe.press(answer.json()["data"]["sessionId"], "pay")

        async def is_over() -> bool:
            [row] = await service.rows("purchases")
            return bool(row["status"] == "completed")

        await eventually(is_over)
        dump = await everything(service)

    assert "ada@example.org" in dump
    assert list(card_numbers(dump)) == []


@pytest.mark.parametrize(
    "text",
    [
        STRIPES_TEST_CARD,
        "4242 4242 4242 4242",
        '{"number": "5555-5555-5555-4444"}',
        "card=378282246310005;",
    ],
)
def test_a_card_number_would_be_found(text: str) -> None:
    assert list(card_numbers(text))


@pytest.mark.parametrize(
    "text", ["4242424242424241", "424242424242", "0x4242424242424242f"]
)
def test_what_is_none_is_not(text: str) -> None:
    assert not list(card_numbers(text))
