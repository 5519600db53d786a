"""What people read about a state."""

from tests.conformance.abstraction import Documents
from tests.model.vocabulary import Purchase, word


def described(documents: Documents) -> str:
    buyers, limit = documents
    shown = [
        f"buyer {buyer} attempt {attempt}: {_described(purchase)}"
        for buyer, mine in enumerate(buyers)
        for attempt, purchase in enumerate(mine)
        if purchase != Purchase()
    ]
    return "; ".join([*shown, f"limit {limit}"])


def _described(purchase: Purchase) -> str:
    facts = {
        "spot": purchase.holds_spot,
        "url": purchase.url_shown,
        "extra": purchase.money_is_noted,
        "key holds 500": purchase.key_holds_500,
    }
    return ", ".join(
        [
            f"{word(purchase.choice)} {word(purchase.status)}",
            f"session {word(purchase.session)}",
            f"mail {word(purchase.mail)}",
            *(name for name, is_so in facts.items() if is_so),
        ]
    )
