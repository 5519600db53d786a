"""One API call as the operations see it, and the table that finds the operation."""

from collections.abc import Callable
from dataclasses import dataclass, field

from entrypoints.stripe_simulator.account import JsonObject
from entrypoints.stripe_simulator.params import Params

NOBODY: JsonObject = {"id": None, "idempotency_key": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    params: Params
    base_url: str
    path: str
    version: str | None = None
    request_id: str | None = None
    idempotency_key: str | None = None
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.ids["{id}"]

    @property
    def request(self) -> JsonObject:
        """Name the request that caused an event."""
        return {"id": self.request_id, "idempotency_key": self.idempotency_key}


@dataclass(frozen=True, slots=True)
class Operation:
    """Method and path template as Stripe's OpenAPI description writes them."""

    method: str
    path: str
    run: Callable[[Call], JsonObject]

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the ids in the path, or None when this is another operation's."""
        ours, theirs = self.path.split("/"), path.split("/")
        if method != self.method or len(ours) != len(theirs):
            return None
        pairs = list(zip(ours, theirs, strict=True))
        if any(mine not in {step, "{id}"} for mine, step in pairs):
            return None
        return dict(pair for pair in pairs if pair[0] == "{id}")
