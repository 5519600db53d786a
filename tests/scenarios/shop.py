"""The shop under one condition: everybody in a scenario acts through it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import Final, TypeVar

from dependency_injector import providers

from adapters.in_memory.locks import InMemoryKeyedLock
from application.errors import ApplicationError
from application.ports.locks import KeyedLock, LockTimeout
from application.ports.payment_events import EventKind, PaymentEvent
from application.receive_event import EventOutcome
from application.request_refund import RequestRefundCommand
from application.start_checkout import CheckoutAnswer, CheckoutUnresolved
from domain.checkout import CheckoutSession, PaymentStatus, SessionStatus
from domain.errors import DomainError
from domain.purchase import Buyer, Purchase
from domain.refunding import RefundReport
from entrypoints.simulation.outside.clock import NOON, ManualClock
from entrypoints.simulation.outside.purchases import InMemoryPurchaseRepository
from entrypoints.use_cases import UseCases
from tests.application.reconcile import jobs_of
from tests.application.world import World, session_of
from tests.examples import ADA, a_program
from tests.fakes.locks import ErraticLock, NoLock

ROUND: Final = timedelta(minutes=11)
LIES: Final = 4  # locks that lie, each in its own way
AGAIN: Final = 8  # tries of somebody who is told to come again
NEVER: Final = timedelta(days=1000)
ANSWERS: Final = (ApplicationError, DomainError)

T = TypeVar("T")
Work = Callable[[UseCases], Awaitable[T]]
Bend = Callable[[UseCases], None]


def an_honest_lock() -> KeyedLock:
    return InMemoryKeyedLock()


def a_lying_lock(seed: int) -> Callable[[], KeyedLock]:
    return lambda: ErraticLock(InMemoryKeyedLock(), random=Random(seed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What is wrong with the world; `clocks` are the errors of each instance's own."""

    hears: bool = True
    reconciles: bool = True
    clocks: Sequence[timedelta] = (timedelta(0),)
    lock: Callable[[], KeyedLock] = an_honest_lock
    purchases: Callable[[], InMemoryPurchaseRepository] = InMemoryPurchaseRepository
    bend: Bend = lambda _use_cases: None


@dataclass(kw_only=True)
class Shop:
    """Asks everything twice at once, as a hasty buyer does, and a hasty Stripe."""

    condition: Condition
    told: int = 0
    clocks: list[ManualClock] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = World(purchases=self.condition.purchases())
        self.world.offer(a_program(early_bird_deadline=NOON + NEVER))
        self.payments, self.refunds = self.world.payments, self.world.refunds
        self.instances = [self._instance(error) for error in self.condition.clocks]

    def _instance(self, error: timedelta) -> UseCases:
        clock = ManualClock(self.world.clock.now() + error)
        self.clocks.append(clock)
        name = f"instance {len(self.clocks)}"
        service = self.world.instance(lock=self.condition.lock(), worker=name)
        service.clock.override(providers.Object(clock))
        self.condition.bend(service)
        return service

    # --- What buyers and admins do ---------------------------------------------

    async def checks_out(
        self, buyer: Buyer = ADA, *, as_class_rep: bool = True
    ) -> Purchase:
        """Click twice, and look at what is there then."""
        answer: CheckoutAnswer = await self.asks(
            lambda service: self.world.check_out(
                buyer, as_class_rep=as_class_rep, service=service
            )
        )
        return answer.purchase

    async def cancels(self, purchase: Purchase) -> None:
        buyer = purchase.buyer.id
        await self.asks(lambda s: s.cancel_purchase()(buyer, purchase.id))

    async def comes_back(self, purchase: Purchase) -> None:
        """Return to the success page."""
        buyer, session_id = purchase.buyer.id, session_of(purchase)
        await self.asks(lambda s: s.verify_session()(buyer, session_id))

    async def wants_it_back(self, purchase: Purchase) -> None:
        command = RequestRefundCommand(
            purchase_id=purchase.id, buyer_id=purchase.buyer.id
        )
        await self.asks(lambda service: service.request_refund()(command))

    async def gives_back(self, purchase: Purchase, amount: int) -> None:
        """Let an admin give a part back: once, for twice would be two parts."""
        command = RequestRefundCommand(
            purchase_id=purchase.id, buyer_id=None, amount=amount
        )
        await self.asks(lambda service: service.request_refund()(command), times=1)

    async def bought(self, *, as_class_rep: bool = True) -> Purchase:
        """Check out, pay, and let the news come one way or the other."""
        purchase = await self.checks_out(as_class_rep=as_class_rep)
        self.payments.pay(session_of(purchase))
        await self.time_passes()
        return self.world.row(purchase)

    # --- What happens outside ---------------------------------------------------

    def takes_it_late(self, purchase: Purchase) -> CheckoutSession:
        """Let Stripe take money on a page that it had closed."""
        return self.plants(self.world.session(purchase))

    def plants(self, page: CheckoutSession, **facts: object) -> CheckoutSession:
        paid = replace(
            page,
            status=SessionStatus.COMPLETE,
            payment_status=PaymentStatus.PAID,
            payment_intent=f"pi_{page.id}",
        )
        session = self.payments.plant(replace(paid, **facts))  # type: ignore[arg-type]
        self.payments.record(EventKind.SESSION_COMPLETED, session)
        return session

    def last_refund(self) -> RefundReport:
        return list(self.refunds.refunds.values())[-1]

    async def time_passes(self, rounds: int = 1) -> None:
        """Let webhooks come, if they do, and reconcile go round, if it does."""
        for _ in range(rounds):
            await self._hear()
            for clock in {id(c): c for c in (self.world.clock, *self.clocks)}.values():
                clock.advance(ROUND)
            await self._hear()
            await asyncio.gather(*(self._round(each) for each in self.instances))

    async def _round(self, service: UseCases) -> None:
        """Run the jobs; mail goes out with or without reconcile."""
        for name, job in jobs_of(service):
            if self.condition.reconciles or name == "deliver_mail":
                await job()

    async def _hear(self) -> None:
        """Deliver each event since the last time twice at once, until it is taken."""
        events = list(self.payments.events.values())[self.told :]
        self.told += len(events)
        if self.condition.hears:
            for event in events:
                await self.asks(partial(_deliver, event))

    # --- How anybody asks -------------------------------------------------------

    async def asks(self, work: Work[T], *, times: int = 2) -> T:
        """Ask as often as that at the same time; again if told to come again.

        Raises:
            ApplicationError: the answer to the last, when nobody got what they asked.
            DomainError: likewise.
        """
        errors: list[BaseException] = []
        for _ in range(AGAIN):
            services = [self.instances[n % len(self.instances)] for n in range(times)]
            answers = await asyncio.gather(
                *(work(service) for service in services), return_exceptions=True
            )
            got = [each for each in answers if not isinstance(each, BaseException)]
            if got:
                return got[0]
            errors = [each for each in answers if isinstance(each, BaseException)]
            if not any(isinstance(e, LockTimeout | CheckoutUnresolved) for e in errors):
                break
        unforeseen = (each for each in errors if not isinstance(each, ANSWERS))
        raise next(unforeseen, errors[-1])


async def _deliver(event: PaymentEvent, service: UseCases) -> EventOutcome:
    return await service.receive_event()(event)


DAYS: Final = timedelta(hours=48)
ONE: Final = (timedelta(0),)
TWO: Final = (timedelta(0), timedelta(seconds=20))

CONDITIONS: Final[dict[str, Condition]] = {
    "all is well": Condition(),
    "no webhook comes": Condition(hears=False),
    "our clock is two days ahead": Condition(clocks=(DAYS,)),
    "our clock is two days behind": Condition(clocks=(-DAYS,)),
    "no lock": Condition(lock=NoLock),
    **{
        f"a lock that lies, {seed}": Condition(lock=a_lying_lock(seed))
        for seed in range(1, LIES + 1)
    },
    "two instances": Condition(clocks=TWO),
    "all of it": Condition(hears=False, clocks=(DAYS, -DAYS), lock=a_lying_lock(1)),
}
