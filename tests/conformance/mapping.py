"""How the calls of the code and the steps of the model belong together.

Each call of a port is one atomic effect, and so is each step of the model; they are cut
differently in a few places, and this is the list of them.
"""

from typing import Final

# A call carries out steps whose labels begin like this.  At most one of them changes
# something; steps that only read and decide may be taken with the same call.  A call
# that changes nothing may also be none of them: the code reads more often.
CARRIES: Final[dict[str, tuple[str, ...]]] = {
    "mailer.send_confirmation": ("send mail",),
    "outbox.swap": ("mark mail sent",),  # a lease is no step
    "payments.create_refund": ("stripe refund: ",),
    "payments.create_session": ("stripe create",),
    "payments.expire_session": ("stripe expire", "stripe: complete"),
    "payments.find_session": ("stripe list",),
    "payments.get_refund": ("stripe retrieve refund",),
    "payments.get_session": (
        "stripe retrieve",
        "stripe expire: already",  # which the refusal to expire does not say
        "stripe: complete",
    ),
    "payments.intent_state": ("stripe: complete",),
    "payments.refunds_of": ("stripe list refunds",),
    "programs.release_spot": ("release ",),
    "programs.get": ("read program: ", "read: other choice"),
    "programs.reserve_spot": ("reserve", "read program"),  # one answer says it all
    "programs.spot_holders": ("read program",),
    "purchases.add": ("insert",),
    "purchases.change": ("cas ", "wrong amount: cas", "wrong amount: already closed"),
    # Read the live purchase, perhaps another one than refused the insert.
    # The code may have read before that the program is not for sale any more.
    "purchases.find_live": (
        "insert: duplicate key",
        "read: ",
        "read program: no longer for sale",
    ),
    # Reread after an update that did not match, and decide from the state.
    "purchases.get": (
        "cas ->closing: already terminal",
        "cas ->completed: no match",
        "cas completed->refunding: no match",
        "cas reserved->pending: closed",  # it was closing when the update came
        "insert: duplicate key",
        "push ",
        "read: ",
        "reconcile: ",
    ),
    "purchases.note_extra_payment": ("wrong amount: ", "late: "),
    "purchases.swap_money": (
        "cas completed->refunding",
        "dispute ",
        "push ",
        "refund row ",
    ),
    "purchases.terminal_among": ("read program",),
}
# Calls that carry out no step, and so must change nothing that the model knows.
NO_STEP: Final = frozenset(
    {
        "mailer.send_notice",
        "outbox.due",
        "payments.payment_method",
        "payments.owner_of",
        "programs.ids_with_holders",
        "purchases.abandoned_at",
        "purchases.abandoned_since",
        "purchases.claim_look",
        "purchases.find_by_payment_intent",
        "purchases.find_by_session",
        "purchases.note_payment_method",
        "purchases.note_processing",
    }
)
# Steps that the code takes without a call: it has read the answer before.
WITHOUT_CALL: Final = frozenset(
    {
        "dispute before its payment is noted",
        "dispute: already",
        "reconcile: refund due",
        "reconcile: refund sent, look",
        "refund before its payment is noted",
        "refund row done: already",
        "refund row failed: already",
        "refund row refused: already",
        "refund row sent: already",
        "release spot: not held",
        "session id known",
    }
)
# After these the code may stop, or go on at once as the next request or round would.
MAY_END: Final = frozenset(
    {
        "cas creating->reserved: already",  # the reread may find it pending, or over
        "stripe expire the one left open",  # its spot was released just before
        "stripe expire: not open",
        "stripe list: cannot exist",  # the code read the clock before it searched
    }
)
# After these the same worker goes on where the model leaves it to the next round.
GOES_ON: Final = frozenset(
    {
        "stripe create (fence): 500, no session",
        "stripe create (fence): 500, but session exists",
    }
)
# These the model does one after the other, and the code leaves out between them:
# somebody released a terminal holder before us, so there may be a spot again.
INSTEAD: Final = {
    "read program: full": "reserve_spot",
    # The code does not know the dispute that is in its way: it lists the payment's
    # refunds, and hears of the dispute from events and listings.
    "stripe refund: disputed": "note_refused",
    "stripe refund: disputed, by key": "note_refused",
}
# One write of the code moves all the rows of which it has word from Stripe.  For the
# model these are steps that anybody may take, at any time, one after the other.
LEARNS: Final = "purchases.swap_money"
# The window for a create may be over before the insert: then both happen at once.
COMES_LATE: Final = "insert purchase"


def carries(call: str, label: str) -> bool:
    return label.startswith(CARRIES.get(call, ()))
