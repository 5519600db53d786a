"""Stripe tells us what happened."""

from dataclasses import dataclass
from typing import Any, Literal

from litestar import Controller, Request, post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK

from application.ports.clock import Clock
from application.ports.hearing import Heard, Hearing
from application.ports.metrics import Metrics
from application.ports.payment_events import (
    PaymentEvent,
    SignatureRefused,
)
from application.ports.trail import Trail
from application.receive_event import EventOutcome, ReceivePaymentEvent
from application.verify_event import VerifyEvent
from entrypoints.http import samples
from entrypoints.http.auth import PUBLIC
from entrypoints.http.bodies import WEBHOOK_BODY_MAX
from entrypoints.http.limits import RATE_LIMITS, Limit
from entrypoints.http.log_names import bind_names
from entrypoints.http.openapi import OPEN_TO_ALL, SignedBody, public_refusals
from entrypoints.http.shapes import Shape, Success
from entrypoints.http.trail_notes import named_in, note_event

SIGNATURE: str = "Stripe-Signature"
FAILED: str = "failed"  # not answered with 200: it comes again


class ReceivedShape(Shape):
    outcome: EventOutcome
    received: Literal[True] = True


async def verified_event(
    request: Request[Any, Any, Any], verify: VerifyEvent
) -> PaymentEvent:
    """Return the event; the bytes are not read as anything before they are verified.

    Raises:
        SignatureRefused: any doubt at all.
    """
    body = await request.body()
    signatures = request.headers.getall(SIGNATURE, [])
    if len(signatures) > 1:
        raise SignatureRefused("more than one signature header")
    return await verify(body, signatures[0] if signatures else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedEvents:
    """Receives events, and tells of each its kind and what became of it."""

    clock: Clock
    hearing: Hearing
    metrics: Metrics
    receive: ReceivePaymentEvent
    trail: Trail
    verify: VerifyEvent

    async def __call__(self, event: PaymentEvent) -> EventOutcome:
        """Do as `ReceivePaymentEvent` does; what it raises is counted as `FAILED`."""
        told = FAILED
        bind_names(event.id, *named_in(event))
        heard = Heard(at=self.clock.now(), created_at=event.created_at)
        self.hearing.note(heard)
        self.metrics.time_event(heard.lag)
        try:
            outcome = await self.receive(event)
            told = outcome.value
        finally:
            self.metrics.count_event(kind=event.kind.value, outcome=told)
            note_event(self.trail, event, clock=self.clock, outcome=told)
        return outcome


class WebhookController(Controller):
    path = "/api/webhooks/stripe"
    tags = ("Webhook",)
    opt = {PUBLIC: True, RATE_LIMITS: (Limit.WEBHOOK,)}  # noqa: RUF012
    security = OPEN_TO_ALL

    @post(
        operation_class=SignedBody,
        request_max_body_size=WEBHOOK_BODY_MAX,
        responses=public_refusals(
            samples.BAD_SIGNATURE,
            samples.MODE,
            samples.TOO_LARGE,
            samples.TOO_MANY,
            samples.BUSY,
            samples.NO_STORAGE,
            samples.NO_PROVIDER,
        ),
        status_code=HTTP_200_OK,
        summary="Receive an event of Stripe",
    )
    async def receive(
        self,
        request: Request[Any, Any, Any],
        receive_event: NamedDependency[CountedEvents],
    ) -> Success[ReceivedShape]:
        """Answer 200 once the effect is durable; else Stripe sends it again."""
        outcome = await receive_event(
            await verified_event(request, receive_event.verify)
        )
        return Success(data=ReceivedShape(outcome=outcome))
