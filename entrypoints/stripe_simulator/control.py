"""`/_simulator`: what a test may order and ask; nothing here is Stripe's."""

from collections import Counter
from dataclasses import asdict
from typing import Any, Literal

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct, structs

from entrypoints.stripe_simulator.account import JsonObject
from entrypoints.stripe_simulator.disputes import close_dispute, open_dispute
from entrypoints.stripe_simulator.faults import Fault
from entrypoints.stripe_simulator.payments import settle_session
from entrypoints.stripe_simulator.refunds import settle_refund
from entrypoints.stripe_simulator.refusals import Refusal
from entrypoints.stripe_simulator.sessions import expire_what_is_due
from entrypoints.stripe_simulator.simulator import Simulator


class Order(Struct, kw_only=True, forbid_unknown_fields=True):
    """A mistyped order is refused rather than half obeyed."""


class HabitsChange(Order):
    """What is given is changed; the rest stays."""

    duplicates: int | None = None
    reorder: bool | None = None
    paused: bool | None = None
    url: str | None = None
    urls: list[str] | None = None
    secret: str | None = None
    enabled_events: list[str] | None = None
    api_version: str | None = None
    status: Literal["enabled", "disabled"] | None = None


class ClockChange(Order):
    """Either where the clock stands against real time, or how far it moves on."""

    offset: float | None = None
    advance: float = 0.0


class RateOrder(Order):
    per_second: int


class PaymentOutcome(Order):
    outcome: Literal["paid", "failed"]


class RefundOutcome(Order):
    outcome: Literal["succeeded", "failed", "canceled"]


class RefundHabit(Order):
    begin_as: Literal["succeeded", "pending"]


class DisputeOrder(Order):
    charge: str
    amount: int | None = None
    reason: str = "fraudulent"
    status: Literal["needs_response", "warning_needs_response"] = "needs_response"


class DisputeOutcome(Order):
    outcome: Literal["won", "lost"]


class Control(Controller):
    path = "/_simulator"
    include_in_schema = False

    @get("/faults")
    async def list_faults(self, simulator: NamedDependency[Simulator]) -> JsonObject:
        return {"data": simulator.faults.shown()}

    @post("/faults")
    async def add_fault(
        self, data: JSONBody[Fault], simulator: NamedDependency[Simulator]
    ) -> JsonObject:
        simulator.faults.pending.append(data)
        return structs.asdict(data)

    @delete("/faults", status_code=200)
    async def clear_faults(self, simulator: NamedDependency[Simulator]) -> JsonObject:
        simulator.faults.pending.clear()
        return {"data": []}

    @post("/rate", status_code=200)
    async def set_rate(
        self, data: JSONBody[RateOrder], simulator: NamedDependency[Simulator]
    ) -> JsonObject:
        """Take only so many calls in any second from now on; 0: as many as come."""
        simulator.api.rate.per_second = data.per_second
        return {"per_second": data.per_second}

    @get("/requests")
    async def requests(
        self,
        simulator: NamedDependency[Simulator],
        method: FromQuery[str] = "",
        path: FromQuery[str] = "",
    ) -> JsonObject:
        """Show the API calls so far, and how many there were of each kind."""
        entries = [
            entry
            for entry in simulator.api.log
            if method in {"", entry.method} and path in {"", entry.path}
        ]
        counts = Counter(
            f"{entry.method} {entry.operation or entry.path}" for entry in entries
        )
        return {"data": [asdict(entry) for entry in entries], "counts": counts}

    @get("/webhooks")
    async def show_webhooks(self, simulator: NamedDependency[Simulator]) -> JsonObject:
        return _webhooks(simulator)

    @post("/webhooks", status_code=200)
    async def change_webhooks(
        self, data: JSONBody[HabitsChange], simulator: NamedDependency[Simulator]
    ) -> JsonObject:
        given = structs.asdict(data).items()
        changes = {name: value for name, value in given if value is not None}
        if "url" in changes:
            changes["urls"] = [changes.pop("url")]
        for name, value in changes.items():
            setattr(simulator.webhooks.habits, name, value)
        if not simulator.webhooks.habits.paused:
            simulator.webhooks.release()
        return _webhooks(simulator)

    @post("/webhooks/flush", status_code=200)
    async def flush(self, simulator: NamedDependency[Simulator]) -> JsonObject:
        """Send what is held back and answer when every attempt has ended."""
        await simulator.webhooks.flush()
        return _webhooks(simulator)

    @post("/events/{event_id:str}/send", status_code=200)
    async def send_again(
        self, event_id: FromPath[str], simulator: NamedDependency[Simulator]
    ) -> JsonObject:
        event = simulator.account.get("event", event_id)
        simulator.webhooks.send([event])
        return event

    @post("/clock", status_code=200)
    async def set_clock(
        self, data: JSONBody[ClockChange], simulator: NamedDependency[Simulator]
    ) -> JsonObject:
        clock = simulator.clock
        begin = clock.offset if data.offset is None else data.offset
        clock.offset = begin + data.advance
        expire_what_is_due(simulator.account)
        return {"offset": clock.offset, "now": clock.now()}

    @post("/reset", status_code=200)
    async def reset(self, simulator: NamedDependency[Simulator]) -> JsonObject:
        simulator.reset()
        return {}

    @post("/sessions/{session_id:str}/settle-delayed", status_code=200)
    async def settle_delayed(
        self,
        session_id: FromPath[str],
        data: JSONBody[PaymentOutcome],
        simulator: NamedDependency[Simulator],
    ) -> JsonObject:
        session = simulator.account.get("checkout.session", session_id)
        settle_session(simulator.account, session, data.outcome)
        return session

    @post("/refunds", status_code=200)
    async def set_refunds(
        self, data: JSONBody[RefundHabit], simulator: NamedDependency[Simulator]
    ) -> JsonObject:
        """Say how refunds begin from now on."""
        simulator.account.refunds_begin_as = data.begin_as
        return {"begin_as": data.begin_as}

    @post("/refunds/{refund_id:str}/settle", status_code=200)
    async def settle(
        self,
        refund_id: FromPath[str],
        data: JSONBody[RefundOutcome],
        simulator: NamedDependency[Simulator],
    ) -> JsonObject:
        refund = simulator.account.get("refund", refund_id)
        return settle_refund(simulator.account, refund, data.outcome)

    @post("/disputes", status_code=200)
    async def dispute(
        self, data: JSONBody[DisputeOrder], simulator: NamedDependency[Simulator]
    ) -> JsonObject:
        charge = simulator.account.get("charge", data.charge)
        return open_dispute(
            simulator.account,
            charge,
            amount=data.amount,
            reason=data.reason,
            status=data.status,
        )

    @post("/disputes/{dispute_id:str}/close", status_code=200)
    async def close(
        self,
        dispute_id: FromPath[str],
        data: JSONBody[DisputeOutcome],
        simulator: NamedDependency[Simulator],
    ) -> JsonObject:
        dispute = simulator.account.get("dispute", dispute_id)
        return close_dispute(simulator.account, dispute, data.outcome)


def _webhooks(simulator: Simulator) -> JsonObject:
    webhooks = simulator.webhooks
    return {
        **asdict(webhooks.habits),
        "held": [event["id"] for event in webhooks.held],
        "deliveries": webhooks.shown(),
    }


def refused(_: Any, refusal: Refusal) -> Response[JsonObject]:
    return Response(refusal.body, status_code=refusal.status)
