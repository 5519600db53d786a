"""What is left of a buyer in the ledger once they have asked to be forgotten."""

from dataclasses import replace
from enum import StrEnum
from typing import Final

from domain.differences import is_troubled
from domain.purchase import AWAITING_PAYMENT, Buyer, Purchase, Status

# No mail ever arrives there (RFC 2606), and no name looks like it.
NOBODYS_EMAIL: Final = "anonymised@spothold.invalid"
NOBODYS_NAME: Final = "(anonymised)"
UNPAID: Final = AWAITING_PAYMENT | {Status.CREATING}


class Standing(StrEnum):
    """Whether a purchase can be anonymised, or what has to come first."""

    UNPAID = "unpaid"  # it is cancelled first
    MONEY_UNDER_WAY = "money_under_way"  # the buyer is yet to hear of it
    MAIL_DUE = "mail_due"  # it needs the address
    READY = "ready"
    ANONYMISED = "anonymised"


def standing_of(purchase: Purchase) -> Standing:
    """Say what has to come first: nobody is forgotten whom we owe money or word."""
    if is_anonymised(purchase):
        return Standing.ANONYMISED
    if purchase.status in UNPAID:
        return Standing.UNPAID
    if purchase.has_open_money or is_troubled(purchase):
        return Standing.MONEY_UNDER_WAY
    if any(mail.is_open for mail in purchase.mails):
        return Standing.MAIL_DUE
    return Standing.READY


def is_anonymised(purchase: Purchase) -> bool:
    return purchase.buyer.email == NOBODYS_EMAIL


def anonymised(purchase: Purchase) -> Purchase:
    """Return the purchase without a name, an address or a country.

    What was bought and paid stays, and whose id bought it: access and the rule of one
    purchase for each buyer rest on that.  What we asked the provider names the buyer,
    and nothing asks it again once a purchase is settled.
    """
    nobody = Buyer(id=purchase.buyer.id, email=NOBODYS_EMAIL, name=NOBODYS_NAME)
    request = purchase.request and replace(purchase.request, parameters={})
    return replace(purchase, buyer=nobody, payer=None, request=request)
