"""Webhooks: late, doubled, out of order, or never."""

from collections.abc import Callable
from itertools import count
from typing import Final

from application.ports.payment_events import EventKind, PaymentEvent
from application.receive_event import EventOutcome
from domain.checkout import CheckoutSession
from domain.disputes import DisputeReport
from domain.purchase import AWAITING_PAYMENT
from domain.refunding import RefundReport
from entrypoints.simulation.invariants import is_recorded
from entrypoints.simulation.money_invariants import has_nothing_left_to_say
from entrypoints.simulation.world import World

LATE_SECONDS: Final = (0.0, 0.0, 1.0, 30.0, 400.0, 3000.0)
TRIES_MAX: Final = 3
AGAIN_SECONDS: Final = 60.0


class Post:
    """Carries what the provider says to one of the instances, as badly as it can."""

    def __init__(
        self, world: Callable[[], World], complain: Callable[[str], None]
    ) -> None:
        self._world = world
        self._complain = complain
        self._numbers = count(1)
        self._last_delivered = 0
        self.is_closed = False

    def say(self, event: PaymentEvent) -> None:
        """Take a piece of news, perhaps twice, perhaps to nowhere."""
        world = self._world()
        number = next(self._numbers)
        odds, random = world.director.odds, world.random
        if self.is_closed or random.random() < odds.lost_event:
            world.director.note("lost event")
            return
        copies = random.choice((2, 3)) if random.random() < odds.doubled_event else 1
        for copy in range(copies):
            world.spawn(self._deliver(event, number, is_copy=copy > 0))

    async def _deliver(
        self, event: PaymentEvent, number: int, *, is_copy: bool
    ) -> None:
        world = self._world()
        await world.pause(world.random.choice(LATE_SECONDS))
        for _ in range(TRIES_MAX):
            if self.is_closed:
                return
            answer = await world.ask(lambda service: service.receive_event()(event))
            if isinstance(answer, EventOutcome):
                self._delivered(event, number, answer, is_copy=is_copy)
                return
            await world.pause(AGAIN_SECONDS)

    def _delivered(
        self, event: PaymentEvent, number: int, answer: EventOutcome, *, is_copy: bool
    ) -> None:
        world = self._world()
        if is_copy:
            world.director.note("doubled event")
        if number < self._last_delivered:
            world.director.note("reordered event")
        self._last_delivered = max(number, self._last_delivered)
        if answer is EventOutcome.APPLIED and not self._has_effect(event):
            self._complain(f"I8 {event.id}: {event.kind} was answered without effect")

    def _has_effect(self, event: PaymentEvent) -> bool:
        """I8: what was answered with a yes is in the database."""
        match event.subject:
            case CheckoutSession() as session:
                return self._is_applied(session, event.kind)
            case RefundReport() | DisputeReport() as report:
                return has_nothing_left_to_say(self._world(), report)
        return True

    def _is_applied(self, session: CheckoutSession, kind: EventKind) -> bool:
        world = self._world()
        if session.purchase_id is None:
            return True
        if session.is_paid:
            return is_recorded(world, session)
        row = world.store.rows[session.purchase_id]
        is_end = kind is not EventKind.SESSION_COMPLETED
        return not is_end or row.status not in AWAITING_PAYMENT
