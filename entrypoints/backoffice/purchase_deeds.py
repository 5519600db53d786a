"""What may be done to one purchase by hand, and what each of it means."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from entrypoints.backoffice.answers.purchases import PurchaseRow
from entrypoints.backoffice.forms import Deed


class Done(StrEnum):
    """What a page may be told to say; nobody else's words get onto it."""

    CANCEL = "cancel"
    RECONCILE = "reconcile"
    REFUND = "refund"
    RESEND = "resend-confirmation"


DONE: Final[Mapping[Done, str]] = {
    Done.CANCEL: "The cancellation was taken. If Stripe has yet to confirm it, the"
    " purchase stays pending until it has.",
    Done.RECONCILE: "Stripe was asked, and what it said is in the purchase now.",
    Done.REFUND: "The refund was taken. The state below says how far it is.",
    Done.RESEND: "The confirmation is on its way once more.",
}
PLAIN_ACTS: Final = (Done.CANCEL, Done.RECONCILE, Done.RESEND)
LABELS: Final[Mapping[Done, str]] = {
    Done.REFUND: "Refund",
    Done.CANCEL: "Cancel",
    Done.RECONCILE: "Reconcile",
    Done.RESEND: "Send the confirmation again",
}
# What makes sense in a state; the service decides.
BY_STATUS: Final[Mapping[str, tuple[Done, ...]]] = {
    "pending": (Done.RECONCILE, Done.CANCEL),
    "completed": (Done.REFUND, Done.RESEND, Done.RECONCILE),
    "refund_processing": (Done.RECONCILE, Done.RESEND),
    "refund_failed": (Done.REFUND, Done.RECONCILE, Done.RESEND),
    "refunded": (Done.RECONCILE,),
    "failed": (Done.RECONCILE,),
}
EFFECTS: Final[Mapping[Done, tuple[str, ...]]] = {
    Done.CANCEL: (
        "Its payment page is closed at Stripe, and a held spot is free again.",
        "Had the buyer paid before that, the place is theirs and nothing is cancelled.",
    ),
    Done.RECONCILE: (
        "Stripe is asked how this purchase stands, and it is carried on from there.",
        "That is what happens by itself within minutes; it never does anything else.",
    ),
    Done.RESEND: ("The buyer gets the mail with the receipt's address once more.",),
}
BUTTONS: Final[Mapping[Done, str]] = {
    Done.CANCEL: "Cancel this purchase",
    Done.RECONCILE: "Ask Stripe now",
    Done.RESEND: "Send it again",
}
HEADINGS: Final[Mapping[Done, str]] = {
    Done.CANCEL: "Cancel purchase {}",
    Done.RECONCILE: "Reconcile purchase {} with Stripe",
    Done.RESEND: "Send the confirmation of {} again",
}


def acts_for(purchase: PurchaseRow) -> list[tuple[Done, str]]:
    """Return what can be offered for a purchase, each with its label."""
    acts = BY_STATUS.get(purchase.status, (Done.RECONCILE,))
    return [(act, LABELS[act]) for act in acts]


def purchase_deed(act: Done, purchase: PurchaseRow) -> Deed:
    """Describe one of the plain acts; a refund has a page of its own."""
    home = f"/admin/purchases/{purchase.id}"
    return Deed(
        area="purchases",
        heading=HEADINGS[act].format(purchase.order_number),
        effects=EFFECTS[act],
        button=BUTTONS[act],
        action=f"{home}/{act}",
        back=home,
        is_grave=act is Done.CANCEL,
    )
