"""Everything the simulated Stripe account remembers."""

import copy
from collections.abc import Callable
from random import SystemRandom
from string import ascii_letters, digits
from typing import Any

from entrypoints.stripe_simulator.clock import Clock
from entrypoints.stripe_simulator.refusals import no_such

API_VERSION = "2026-10-28.endive"
KINDS = {
    "cs": "checkout.session",
    "pi": "payment_intent",
    "ch": "charge",
    "re": "refund",
    "dp": "dispute",
    "evt": "event",
    "prod": "product",
    "price": "price",
    "pm": "payment_method",
    "txn": "balance_transaction",
}

JsonObject = dict[str, Any]
_random = SystemRandom()


def new_id(prefix: str, length: int = 24) -> str:
    return prefix + "".join(_random.choices(ascii_letters + digits, k=length))


class Account:
    """Tables of Stripe objects, exactly as the API shows them, newest last.

    Attributes:
        line_items: Of each session; the API shows them apart.
        intent_data: What the intent of each session will carry, once there is one.
        expiries: A heap of when which session expires, if it is still open then.
    """

    def __init__(
        self,
        clock: Clock,
        publish: Callable[[JsonObject], int],
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        """Remember the outside.

        Args:
            clock: The simulated time.
            publish: Takes a new event and says how many endpoints will be told.
            later: Runs a function after the time a delayed payment takes.
        """
        self.clock = clock
        self.publish = publish
        self.later = later
        self.tables: dict[str, dict[str, JsonObject]] = {}
        self.line_items: dict[str, list[JsonObject]] = {}
        self.intent_data: dict[str, JsonObject] = {}
        self.expiries: list[tuple[int, str]] = []
        self.refunds_begin_as = "succeeded"
        self.reset()

    def reset(self) -> None:
        self.tables = {kind: {} for kind in KINDS.values()}
        self.line_items = {}
        self.intent_data = {}
        self.expiries = []
        self.refunds_begin_as = "succeeded"

    def all(self, kind: str) -> list[JsonObject]:
        """List newest first, as Stripe does."""
        return list(reversed(self.tables[kind].values()))

    def add(self, row: JsonObject) -> JsonObject:
        self.tables[row["object"]][row["id"]] = row
        return row

    def get(
        self, kind: str, identifier: str, *, param: str = "id", status: int = 404
    ) -> JsonObject:
        row = self.tables[kind].get(identifier)
        if row is None:
            raise no_such(kind, identifier, param=param, status=status)
        return row

    def find(self, identifier: str) -> JsonObject | None:
        """Find any object by its id alone, which says what kind it is."""
        kind = KINDS.get(identifier.partition("_")[0], "")
        return self.tables.get(kind, {}).get(identifier)

    def record(self, kind: str, subject: JsonObject, request: JsonObject) -> JsonObject:
        """Record that something happened, with the object as it is now."""
        event: JsonObject = {
            "id": new_id("evt_1"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.clock.now(),
            "data": {"object": copy.deepcopy(subject)},
            "livemode": False,
            "pending_webhooks": 0,
            "request": request,
            "type": kind,
        }
        self.add(event)
        event["pending_webhooks"] = self.publish(event)
        return event
