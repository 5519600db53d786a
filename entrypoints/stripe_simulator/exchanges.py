"""What goes over the wire, for the log and for whoever checks it against a contract."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from entrypoints.stripe_simulator.account import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    method: str
    path: str
    query: str
    body: str
    base_url: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def form(self) -> str:
        """Stripe reads parameters of a POST from its body, of anything else not."""
        return self.body if self.method == "POST" else self.query


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One call and its answer; `operation` is the path as Stripe's spec writes it."""

    method: str
    path: str
    operation: str | None
    version: str | None
    params: dict[str, Any]
    status: int
    answer: JsonObject


class Observer(Protocol):
    """Sees every call, every answer and every event."""

    def exchange(self, exchange: Exchange) -> None: ...

    def event(self, event: JsonObject) -> None: ...
