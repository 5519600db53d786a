"""Checkout Sessions: opened, paid elsewhere, expired by request or by the clock."""

from datetime import timedelta
from heapq import heappop

from entrypoints.stripe_simulator.account import Account, JsonObject
from entrypoints.stripe_simulator.calls import NOBODY, Call
from entrypoints.stripe_simulator.intents import cancel_intent
from entrypoints.stripe_simulator.listing import (
    PAGING,
    created_within,
    matching,
    page,
)
from entrypoints.stripe_simulator.refusals import Refusal

SHORTEST = int(timedelta(minutes=30).total_seconds())
LONGEST = int(timedelta(hours=24).total_seconds())


def retrieve_session(account: Account, call: Call) -> JsonObject:
    call.params.only("expand")
    return account.get("checkout.session", call.id, param="session")


def list_sessions(account: Account, call: Call) -> JsonObject:
    call.params.only("created", "status", "payment_intent", "customer_details", *PAGING)
    call.params.choice("status", ["open", "complete", "expired"])
    rows = created_within(call.params, account.all("checkout.session"))
    rows = matching(call.params, rows, "status", "payment_intent")
    email = call.params.level("customer_details").text("email")
    if email is not None:
        rows = [row for row in rows if _email_of(row) == email]
    return page(call, rows)


def list_line_items(account: Account, call: Call) -> JsonObject:
    call.params.only(*PAGING)
    account.get("checkout.session", call.id, param="session")
    return page(call, account.line_items[call.id])


def expire_session(account: Account, call: Call) -> JsonObject:
    call.params.only("expand")
    session = account.get("checkout.session", call.id, param="session")
    if session["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. This '
            f"Checkout Session has a status of {session['status']}."
        )
    _expire(account, session, call.request)
    return session


def expire_what_is_due(account: Account) -> None:
    """Close every open session whose time is up, as Stripe's own clock does."""
    expiries = account.expiries
    while expiries and expiries[0][0] <= account.clock.now():
        _, identifier = heappop(expiries)
        session = account.get("checkout.session", identifier)
        if session["status"] == "open":
            _expire(account, session, NOBODY)


def seconds_to_next_expiry(account: Account) -> float | None:
    """How long nothing will expire, or None while no session is open."""
    if not account.expiries:
        return None
    return max(0.0, account.expiries[0][0] - account.clock.exact())


def _expire(account: Account, session: JsonObject, request: JsonObject) -> None:
    session.update(status="expired", url=None)
    if session["payment_intent"] is not None:
        cancel_intent(account, session["payment_intent"])
    account.record("checkout.session.expired", session, request)


def _email_of(session: JsonObject) -> str | None:
    details: JsonObject = session["customer_details"] or {}
    email: str | None = details.get("email")
    return email
