"""What a request leaves in the history of the purchase that it was about."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPMethod
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self

from application.ports.clock import Clock
from application.ports.payment_events import PaymentEvent
from application.ports.purchases import PurchaseNotFound
from application.ports.trail import Trail, TrailEntry, TrailKind
from domain.checkout import CheckoutSession
from entrypoints.http.log_names import bind_names
from entrypoints.http.paths import to_purchase_id, to_session_id

IN_PATHS: Final = {"purchase_id": to_purchase_id, "session_id": to_session_id}
# What is not found is nobody's, and what was refused for its number is one of many.
UNTOLD: Final = frozenset({401, 403, 404, 429})
# Who only looks changes nothing, and would fill the history with each page they open;
# but this look asks Stripe, and may settle what it finds.
TELLING_LOOK: Final = "/api/purchases/verify-session/"

_ABOUT: ContextVar["set[str] | None"] = ContextVar("about", default=None)


def regards(*names: str | None) -> None:
    """Say which purchase the request under way is about, where its path does not."""
    about = _ABOUT.get()
    if about is not None:
        about.update(name for name in names if name)
    bind_names(*names)


@dataclass(kw_only=True)
class RequestTrail:
    """Notes the body of a `with`, if somebody signed in and it was about a purchase.

    It says which route, never the path or the body, and a role but no name.
    """

    scope: Any
    request_id: str
    status: Callable[[], int]
    trail: Trail
    clock: Clock
    _about: set[str] = field(default_factory=set)

    def __enter__(self) -> Self:
        self._at, self._began = self.clock.now(), perf_counter()
        self._token = _ABOUT.set(self._about)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _ABOUT.reset(self._token)
        caller, status = self.scope.get("user"), self.status()
        if caller is None or status in UNTOLD or self._only_looked():
            return
        subjects = self._about | self._in_path()
        if subjects:
            self.trail.note(self._entry(subjects, caller.role.value, status))

    def _entry(self, subjects: set[str], role: str, status: int) -> TrailEntry:
        route = f"{self.scope['method']} {self.scope.get('path_template', '')}"
        return TrailEntry(
            kind=TrailKind.REQUEST,
            what=route,
            at=self._at,
            subjects=tuple(sorted(subjects)),
            facts={
                "requestId": self.request_id,
                "status": status,
                "ms": round((perf_counter() - self._began) * 1000, 1),
                "role": role,
            },
        )

    def _in_path(self) -> set[str]:
        """Return the names in the path, if they are names at all."""
        found = set()
        for place, read in IN_PATHS.items():
            name = self.scope.get("path_params", {}).get(place)
            try:
                if name is not None:
                    found.add(str(read(name)))
            except PurchaseNotFound:
                continue
        return found

    def _only_looked(self) -> bool:
        is_read: bool = self.scope["method"] == HTTPMethod.GET
        route = str(self.scope.get("path_template", ""))
        return is_read and not route.startswith(TELLING_LOOK)


def note_event(
    trail: Trail, event: PaymentEvent, *, clock: Clock, outcome: str
) -> None:
    """Note what became of a delivery, under each name that the event gives."""
    subjects = named_in(event)
    if not subjects:
        return
    at = clock.now()
    trail.note(
        TrailEntry(
            kind=TrailKind.EVENT,
            what=event.kind.value,
            at=at,
            subjects=subjects,
            facts={
                "eventId": event.id,
                "outcome": outcome,
                "lagSeconds": round((at - event.created_at).total_seconds(), 1),
            },
        )
    )


def named_in(event: PaymentEvent) -> tuple[str, ...]:
    """Return the names of what an event is about."""
    about = event.subject or event.unreadable
    session = about.id if isinstance(about, CheckoutSession) else None
    named = (
        getattr(about, "purchase_id", None),
        session,
        getattr(about, "payment_intent", None),
    )
    return tuple(name for name in named if name)
