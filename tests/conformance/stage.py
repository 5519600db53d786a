"""The service in memory, where every call waits until it is let through."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from application.ports.mail import MailNotSent
from application.ports.payment_events import EventKind, PaymentEvent
from application.ports.payments import PaymentGatewayUnavailable, PaymentRefused
from application.ports.storage import StorageUnavailable
from domain.checkout import CheckoutRequest, CheckoutSession, SessionStatus
from domain.ids import PurchaseId, SessionId
from entrypoints.simulation.loop import SteppedLoop
from entrypoints.simulation.outside.programs import InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import InMemoryPurchaseRepository
from entrypoints.simulation.outside.randomness import SeededRandomness
from entrypoints.simulation.provider import TalkingProvider
from entrypoints.use_cases import UseCases
from tests.application.world import World
from tests.fakes.locks import NoLock
from tests.fakes.turnstile import Crash, Turnstile

Fact = tuple[EventKind, CheckoutSession]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a walk is played with; a test may put in something careless."""

    purchases: Callable[[], InMemoryPurchaseRepository] = InMemoryPurchaseRepository
    programs: Callable[[], InMemoryProgramRepository] = InMemoryProgramRepository
    bend: Callable[[UseCases], None] = lambda _service: None


@dataclass(eq=False, slots=True)
class Process:
    """A use case at work, from call to call."""

    call: str = ""  # before which it stands
    gate: asyncio.Future[None] | None = None
    task: asyncio.Task[Any] | None = None
    is_dead: bool = False
    loses_answer: bool = False

    @property
    def is_over(self) -> bool:
        return self.is_dead or (self.task is not None and self.task.done())


PROCESS: Final[ContextVar[Process]] = ContextVar("process")


class Gates(Turnstile):
    """Stops each process before each call."""

    def __init__(self, loop: SteppedLoop) -> None:
        super().__init__()
        self._loop = loop

    async def __call__(self, moment: str) -> None:
        process = PROCESS.get()
        if process.is_dead:
            raise Crash
        when, _, call = moment.partition(" ")
        if when == "before":
            process.call, process.loses_answer = call, False
            process.gate = self._loop.create_future()
            await process.gate
        elif process.loses_answer:
            raise silence_of(call)


class Provider(TalkingProvider):
    """Stripe, with what only a walk does to it."""

    def __init__(self, *args: Any, refuses: Callable[[], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._refuses = refuses
        self.named: defaultdict[PurchaseId, list[SessionId]] = defaultdict(list)

    def plant(self, session: CheckoutSession) -> CheckoutSession:
        if session.purchase_id is not None:
            self.named[session.purchase_id].append(session.id)
        return super().plant(session)

    def expire_one(self, session_id: SessionId) -> None:
        """End a session before its time, as Stripe's own dashboard can."""
        self._change(self.sessions[session_id], status=SessionStatus.EXPIRED, url=None)

    def let_pass(self, time: timedelta) -> None:
        self.clock.advance(time)
        self._expire_what_is_due()

    def _validate(self, purchase_id: PurchaseId, request: CheckoutRequest) -> None:
        super()._validate(purchase_id, request)
        if self._refuses():
            raise PaymentRefused("account_invalid")

    def holds_failure(self, purchase_id: PurchaseId) -> bool:
        saved = self._keys.get(purchase_id)
        return saved is not None and saved.session is None


@dataclass(kw_only=True)
class Stage(World):
    """The world of the use cases' own tests, without a lock and one call at a time."""

    seed: int
    parts: Parts
    fails: Callable[[], bool | None]  # a first creation, with a session all the same
    refuses: Callable[[], bool]  # one creation, and takes the next
    facts: list[Fact] = field(default_factory=list)  # that webhooks may tell

    def __post_init__(self) -> None:
        self.loop = SteppedLoop(lambda _now: None)  # type: ignore[abstract]  # so it says
        self.lock, self.gate = NoLock(), Gates(self.loop)
        self.purchases, self.programs = self.parts.purchases(), self.parts.programs()
        self.randomness = SeededRandomness(self.seed)
        super().__post_init__()
        self.stripe = self.payments = Provider(
            self.provider_clock,
            gate=self.gate.of_provider,
            tell=self._hear,
            fails=self.fails,
            refuses=self.refuses,
        )
        self.parts.bend(self.service)

    def _hear(self, event: PaymentEvent) -> None:
        if event.session is not None:
            self.facts.append((event.kind, event.session))

    def start(self, work: Coroutine[Any, Any, Any]) -> Process:
        """Begin, and come to the first call."""
        process, context = Process(), Context()
        context.run(PROCESS.set, process)
        process.task = self.loop.create_task(work, context=context)
        self.loop.run_ready()
        return process

    def let_through(self, process: Process, *, loses_answer: bool = False) -> None:
        """Let one call happen, and the process come to its next one."""
        process.loses_answer = loses_answer
        assert process.gate is not None
        process.gate.set_result(None)
        self.loop.run_ready()

    def lose_request(self, process: Process) -> None:
        """Let the call fail without effect."""
        assert process.gate is not None
        process.gate.set_exception(silence_of(process.call))
        self.loop.run_ready()

    def hang_up(self, process: Process) -> None:
        """Cancel the request before its call."""
        assert process.task is not None
        process.task.cancel()
        self.loop.run_ready()

    def bury(self, process: Process) -> None:
        """Let what stands at a gate end without another call."""
        process.is_dead = True
        while process.task is not None and not process.task.done():
            process.task.cancel()
            self.loop.run_ready()
        if process.task is not None and not process.task.cancelled():
            process.task.exception()  # so that nobody misses it


def silence_of(call: str) -> Exception:
    port = call.partition(".")[0]
    if port == "payments":
        return PaymentGatewayUnavailable("no answer")
    return MailNotSent("no answer") if port == "mailer" else StorageUnavailable()
