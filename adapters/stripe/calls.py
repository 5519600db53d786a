"""What all our calls of Stripe have in common: a bound, patience, and an end."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

import structlog

from adapters.stripe.complaints import alert_about
from adapters.stripe.errors import Trouble, trouble_of
from adapters.stripe.exchanges import named_requests
from adapters.stripe.patience import Patience
from application.errors import ApplicationError
from application.ports.alerts import Alerts
from application.ports.calls import CallWatch, Unwatched
from application.ports.clock import Clock
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.trail import Trail, TrailEntry, TrailFact, TrailKind

ANSWERED: Final = "answered"
CUT_OFF: Final = "cut_off"  # whoever asked has gone, or the service ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    alerts: Alerts
    clock: Clock
    patience: Patience
    trail: Trail
    watch: CallWatch = field(default_factory=Unwatched)

    @asynccontextmanager
    async def call(
        self, name: str, subject: str, *also: str | None
    ) -> AsyncIterator[None]:
        """Make a call about something that has a name, and tell its history.

        It is bounded, ends in the port's words, and alerts where nothing mends.  `also`
        are other names of what it is about.
        """
        subjects = tuple(each for each in (subject, *also) if each)
        with self._told(name, subjects):
            async with self.call_about_many(name, subject):
                yield

    @asynccontextmanager
    async def call_about_many(self, name: str, subject: str) -> AsyncIterator[None]:
        """Make a call whose answer is no purchase's history, such as a day's list."""
        with self.watch.watching(name):
            try:
                async with self.patience.deadline():
                    yield
            except ApplicationError:
                raise
            except Exception as error:
                trouble = await self.complain(error, name=name, subject=subject)
                raise PaymentGatewayUnavailable(trouble.reason) from error

    async def complain(self, error: Exception, *, name: str, subject: str) -> Trouble:
        """Alert where nothing mends by itself, and say what the trouble is."""
        trouble = trouble_of(error)
        alert = alert_about(trouble, call=name, subject=subject)
        if alert is not None:
            await self.alerts.send(alert)
        return trouble

    @contextmanager
    def _told(self, name: str, subjects: tuple[str, ...]) -> Iterator[None]:
        """Note how the call ended, and Stripe's names for its requests."""
        at, began, outcome = self.clock.now(), perf_counter(), CUT_OFF
        with named_requests() as requests:
            try:
                yield
                outcome = ANSWERED
            except ApplicationError as error:
                outcome = str(getattr(error, "reason", "") or error.code)
                raise
            finally:
                facts: dict[str, TrailFact] = {
                    "outcome": outcome,
                    "ms": round((perf_counter() - began) * 1000, 1),
                    "stripeRequestIds": " ".join(requests) or None,
                    "requestId": _request_id(),
                }
                self.trail.note(
                    TrailEntry(
                        kind=TrailKind.CALL,
                        what=name,
                        at=at,
                        subjects=subjects,
                        facts=facts,
                    )
                )


def _request_id() -> str | None:
    """Return the id of the request of ours that this is done for, if it is for one."""
    bound = structlog.contextvars.get_contextvars().get("request_id")
    return bound if isinstance(bound, str) else None
