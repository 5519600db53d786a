"""What people read about a state."""

from collections.abc import Iterator

from tests.conformance.abstraction import Documents
from tests.model.vocabulary import EVERY, Purchase, word


def described(documents: Documents) -> str:
    buyers, program = documents
    shown = [
        f"buyer {buyer} attempt {attempt}: {_described(purchase)}"
        for buyer, mine in enumerate(buyers)
        for attempt, purchase in enumerate(mine)
        if purchase != Purchase()
    ]
    return "; ".join([*shown, f"limit {program.limit}, revision {program.revision}"])


def _described(purchase: Purchase) -> str:
    facts = {
        "spot": purchase.holds_spot,
        "url": purchase.url_shown,
        "key holds 500": purchase.key_holds_500,
    }
    return ", ".join(
        [
            f"{word(purchase.choice)} {word(purchase.status)}",
            f"session {word(purchase.session)}",
            f"mail {word(purchase.mail)}",
            *(name for name, is_so in facts.items() if is_so),
            *_money(purchase),
        ]
    )


def _money(purchase: Purchase) -> Iterator[str]:
    for number in EVERY:
        row, refund = purchase.rows[number], purchase.refunds[number]
        if row or refund:
            amount = purchase.amounts[number]
            yield f"refund {number} of {amount}: {word(row)}, stripe {word(refund)}"
    if purchase.dispute or purchase.noted_dispute:
        noted, there = purchase.noted_dispute, purchase.dispute
        yield f"dispute {word(noted)}, stripe {word(there)}"
