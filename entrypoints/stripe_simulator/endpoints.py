"""Webhook endpoints as the API shows them: the addresses that are told, one each."""

from hashlib import sha256

from entrypoints.stripe_simulator.account import Account, JsonObject
from entrypoints.stripe_simulator.calls import Call
from entrypoints.stripe_simulator.listing import PAGING, page
from entrypoints.stripe_simulator.webhooks import Webhooks


def list_endpoints(account: Account, webhooks: Webhooks, call: Call) -> JsonObject:
    call.params.only(*PAGING)
    now = account.clock.now()
    return page(call, [_shown(webhooks, url, now) for url in webhooks.habits.urls])


def _shown(webhooks: Webhooks, url: str, now: int) -> JsonObject:
    """Show an endpoint as Stripe does later: without its secret."""
    habits = webhooks.habits
    return {
        "id": "we_1" + sha256(url.encode()).hexdigest()[:23],
        "object": "webhook_endpoint",
        "api_version": habits.api_version,
        "application": None,
        "created": now,
        "description": None,
        "enabled_events": list(habits.enabled_events),
        "livemode": False,
        "metadata": {},
        "status": habits.status,
        "url": url,
    }
