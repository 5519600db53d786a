"""What no log of the service may hold, whatever the tests plant.

It is found by its form, so that a new test plants its own without a word here.  Read
are the log of every test in `tests/http`, at its most talkative, and the file of every
process of the service, in whatever room it runs.
"""

import re
from collections.abc import Iterator
from typing import Final

CANARIES: Final = {
    "a token": re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"),
    "a key of Stripe": re.compile(r"\b[sr]k_(?:test|live)_\w+"),
    "a secret of a webhook": re.compile(r"\bwhsec_\w+"),
    "a secret of ours": re.compile(r"\ba-secret-of-[\w-]+"),
    "a password in an address": re.compile(r"://[^\s/@:]+:[^\s/@]+@"),
    "somebody's address": re.compile(r"[\w.+-]+@example\.(?:org|com|net)\b"),
    "somebody's name": re.compile(r"\b(?:Ada Lovelace|Grace Hopper)\b"),
    "a signature": re.compile(r"\bv1=[0-9a-f]{32,}"),
}
CARD: Final = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)")


def leaks(text: str) -> Iterator[str]:
    """Name each secret and each person in a text, with where it stands."""
    for name, form in CANARIES.items():
        for found in form.finditer(text):
            yield f"{name}: …{text[max(0, found.start() - 60) : found.end() + 20]}…"
    for found in CARD.finditer(text):
        if is_card(found.group()):
            yield f"a card: …{text[max(0, found.start() - 60) : found.end()]}…"


def is_card(text: str) -> bool:
    """Apply Luhn's rule, to what begins like a card of Visa, Mastercard or Amex."""
    digits = [int(each) for each in text if each.isdigit()]
    doubled = (sum(divmod(2 * each, 10)) for each in digits[-2::-2])
    is_sound = (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
    return is_sound and digits[0] in {3, 4, 5} and len(digits) >= 15
