"""Every code that a refusal may bear, and what its caller does then."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from entrypoints.http.refusals import Refusal
from entrypoints.reference.documented import every_route
from entrypoints.reference.routes import codes_of
from entrypoints.reference.tables import table

ADVICE: Final[Mapping[str, str]] = {
    "access_denied": "The route is for admins; sign in as one.",
    "already_purchased": "Show the buyer their purchase.",
    "authentication_required": "Get a fresh token, and send it as `Bearer`.",
    "below_minimum_charge": "An admin changes the price or the discounts.",
    "body_too_large": "Send less than 16 KiB.",
    "cannot_cancel_completed": "It is paid: ask for a refund instead.",
    "cannot_resend": "No confirmation is owed, or one is on its way: wait.",
    "checkout_closed": "Start again: it was cancelled in the meantime.",
    "checkout_unresolved": "Ask again after `Retry-After`; it carries on by itself.",
    "class_rep_cool_down": "Wait for `Retry-After` seconds, or offer the full price.",
    "class_rep_limit_reached": "Offer the full price, or wait until a spot is free.",
    "event_gone": "Stripe has forgotten it: look at the payment in its dashboard.",
    "finding_not_found": "It was never seen, or forgotten: look at the list again.",
    "idempotency_in_progress": "After `Retry-After`, send it again with the same key.",
    "idempotency_key_reused": "Draw a fresh key for each new request.",
    "internal_error": "A fault of ours: quote the `requestId` to whoever runs it.",
    "invalid_host": "Use a host name that is in `ALLOWED_HOSTS`.",
    "invalid_request": "Mend the request; `field` says which part.",
    "invalid_signature": "Compare `STRIPE_WEBHOOK_SECRET` with Stripe's endpoint.",
    "invalid_terms": "Mend the terms; the text says which contradict each other.",
    "limit_below_use": "Set a limit that fits, or let it run down: `drain: true`.",
    "livemode_mismatch": "Test and live keys or data are mixed: see the settings.",
    "lock_timeout": "Ask again after `Retry-After`: a twin of this request is at work.",
    "mail_not_found": "It went out, or there was none: look at the list again.",
    "method_not_allowed": "Use a method that the route has.",
    "not_found": "See the path: there is no such route.",
    "not_refundable": "There is nothing to give back, or not now; the text says why.",
    "other_choice_open": "Finish or cancel the open checkout first.",
    "overloaded": "Ask again after `Retry-After`; nothing was begun.",
    "payment_gateway_unavailable": "Ask again after `Retry-After`; nothing is lost.",
    "payment_refused": "Stripe refuses this for good: an operator sees why in the log.",
    "payment_under_way": "The bank works on it: wait, and show the purchase.",
    "plan_changed": "Something else is found by now: look at the new plan.",
    "program_changed": "Somebody was faster: read it again, then change it.",
    "program_exists": "Choose another `id`, or change the one that is there.",
    "program_is_free": "Nothing is to be bought: the buyer has access.",
    "program_not_found": "It does not exist, or is no longer for sale.",
    "purchase_not_found": "No such purchase of this buyer.",
    "purchase_unreadable": "An operator reads the row, and what the log says of it.",
    "rate_limited": "Wait for `Retry-After` seconds.",
    "receipt_not_available": "There is a receipt once it is completed.",
    "refund_too_large": "Ask for at most what is left.",
    "refund_under_way": "Wait: a refund of it is on its way.",
    "refund_window_closed": "The time is over; an admin may still refund it.",
    "sales_paused": "Come back later; a checkout that is open can still be paid.",
    "storage_unavailable": "Ask again after `Retry-After`; what was begun is finished.",
    "unsupported_media_type": "Send `Content-Type: application/json`.",
}
INTRODUCTION: Final = """# Errors

Every refusal is a problem document (`application/problem+json`) with a `code` that
never changes, a sentence for people in `detail` (and in `message`), and the `requestId`
under which the log knows it. A 503 says after how many seconds to ask again, and asking
again is always safe.
"""
FROM_NGINX: Final = """
One more comes from nginx, where the service runs behind the one that we ship:
`instance_lost`, 503, without a `requestId`. No instance answered, or one ended with the
request; ask again after `Retry-After`, which leads to the same purchase.
"""


def page() -> str:
    """Return the page.

    Raises:
        KeyError: a code comes without advice.
    """
    rows = []
    for code, (statuses, sentence) in sorted(declared().items()):
        numbers = ", ".join(sorted(statuses))
        rows.append((f"`{code}`", numbers, sentence, ADVICE[code]))
    told = table(["Code", "Status", "Says", "Do"], rows)
    return f"{INTRODUCTION}\n{told}\n{FROM_NGINX}"


def declared() -> dict[str, tuple[set[str], str]]:
    """Return every code with its statuses and a sentence.

    They are those that a route declares, and those that come before there is a route.
    """
    statuses: defaultdict[str, set[str]] = defaultdict(set)
    sentences: dict[str, str] = {}
    for refusal in Refusal.__subclasses__():
        statuses[refusal.code].add(str(refusal.status))
        sentences[refusal.code] = refusal.detail
    for route in every_route():
        for status, response in route.operation["responses"].items():
            for code, problem in codes_of(response):
                statuses[code].add(status)
                sentences.setdefault(code, str(problem["detail"]))
    return {code: (statuses[code], sentences[code]) for code in statuses}
