"""Events, kept for thirty days and sent again on request."""

from datetime import timedelta

from entrypoints.stripe_simulator.account import Account, JsonObject
from entrypoints.stripe_simulator.calls import Call
from entrypoints.stripe_simulator.listing import PAGING, created_within, page
from entrypoints.stripe_simulator.params import Params
from entrypoints.stripe_simulator.refusals import bad_parameter, no_such
from entrypoints.stripe_simulator.webhooks import Webhooks

KEPT = int(timedelta(days=30).total_seconds())
MOST_TYPES = 20


def retrieve_event(account: Account, call: Call) -> JsonObject:
    call.params.only("expand")
    event = account.get("event", call.id, param="id")
    if event["created"] < account.clock.now() - KEPT:
        raise no_such("event", call.id, param="id", status=404)
    return event


def list_events(account: Account, call: Call) -> JsonObject:
    params = call.params
    params.only("created", "type", "types", "delivery_success", *PAGING)
    oldest = account.clock.now() - KEPT
    rows = [row for row in account.all("event") if row["created"] >= oldest]
    patterns = _patterns(params)
    if patterns:
        rows = [row for row in rows if _matches_any(row["type"], patterns)]
    is_delivered = params.boolean("delivery_success")
    if is_delivered is not None:
        rows = [row for row in rows if (row["pending_webhooks"] == 0) == is_delivered]
    return page(call, created_within(params, rows))


def resend_event(account: Account, webhooks: Webhooks, call: Call) -> JsonObject:
    """Send an event once more, to everyone, as `stripe events resend` asks."""
    call.params.only("for_stripecli", "webhook_endpoint", "account", "expand")
    event = account.get("event", call.id)
    webhooks.send([event])
    return event


def _patterns(params: Params) -> list[str]:
    patterns = params.texts("types")
    single = params.text("type")
    if patterns and single is not None:
        raise bad_parameter("You may pass either type or types, not both.", "types")
    if len(patterns) > MOST_TYPES:
        message = f"Arrays can have at most {MOST_TYPES} elements."
        raise bad_parameter(message, "types")
    return patterns if single is None else [single]


def _matches_any(kind: str, patterns: list[str]) -> bool:
    """`charge.*` stands for every event about charges."""
    families = [pattern[:-1] for pattern in patterns if pattern.endswith(".*")]
    return kind in patterns or kind.startswith(tuple(families))
