"""Two instances of the service before one outside, in which time is a number."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any, Final, TypeVar

from dependency_injector import providers

from adapters.in_memory.locks import InMemoryKeyedLock
from application.errors import ApplicationError
from application.ports.locks import DEFAULT_WAIT, LockStatistics
from domain.errors import DomainError
from domain.ids import PurchaseId
from domain.refunding import RefundStatus
from entrypoints.simulation.director import Director
from entrypoints.simulation.loop import SteppedLoop
from entrypoints.simulation.odds import Odds
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.audit import InMemoryAuditLog
from entrypoints.simulation.outside.bell import RecordingBell
from entrypoints.simulation.outside.clock import NOON, ManualClock
from entrypoints.simulation.outside.event_log import InMemoryEventLog
from entrypoints.simulation.outside.findings import InMemoryFindingRepository
from entrypoints.simulation.outside.history import FakePaymentHistory
from entrypoints.simulation.outside.ledger_days import InMemoryLedgerDays
from entrypoints.simulation.outside.mailer import FakeMailer
from entrypoints.simulation.outside.metrics import RecordingMetrics
from entrypoints.simulation.outside.orphans import InMemoryOrphanRepository
from entrypoints.simulation.outside.payment_ledger import FakePaymentLedger
from entrypoints.simulation.outside.payment_records import InMemoryPaymentRecords
from entrypoints.simulation.outside.programs import InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import (
    InMemoryMailOutbox,
    InMemoryPurchaseRepository,
    PurchaseStore,
)
from entrypoints.simulation.outside.randomness import SeededRandomness
from entrypoints.simulation.outside.survey import InMemorySurvey
from entrypoints.simulation.outside.turns import InMemoryTurns
from entrypoints.simulation.plot import COOL_DOWN, HOLD, PROMISE, REFUND_WINDOW, Plot
from entrypoints.simulation.provider import FickleRefunds, TalkingProvider, Tell
from entrypoints.simulation.wire import ERRAND, Crash, Errand, Life, Wire
from entrypoints.use_cases import UseCases

T = TypeVar("T")

RESTART_SECONDS: Final = (3.0, 20.0, 120.0)
SLOW: Final = (
    RefundStatus.PENDING,
    RefundStatus.PENDING,
    RefundStatus.REQUIRES_ACTION,
)
EXPECTED: Final = (ApplicationError, DomainError, Crash, asyncio.CancelledError)


# Containers of stories that are over: one takes as long to build as a story to play.
SPARE: Final[list[UseCases]] = []


def wired(**parts: object) -> UseCases:
    """Put these parts into a container, and nothing of its last story."""
    use_cases = SPARE.pop() if SPARE else UseCases()
    for name, part in parts.items():
        provider = getattr(use_cases, name)
        provider.reset_override()
        provider.override(part)
    use_cases.reset_singletons()
    return use_cases


def unbent(_use_cases: UseCases) -> None:
    """Leave the service as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a story is played with; a test may put in something careless."""

    purchases: Callable[[], InMemoryPurchaseRepository] = InMemoryPurchaseRepository
    programs: Callable[[], InMemoryProgramRepository] = InMemoryProgramRepository
    bend: Callable[[UseCases], None] = unbent


class MortalLock:
    """A lock in the memory of a process: gone with it, and new with the next one."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.forget()

    def forget(self) -> None:
        self._lock = InMemoryKeyedLock(now=self._now)

    def hold(self, key: str, *, wait: timedelta = DEFAULT_WAIT, operation: str) -> Any:
        return self._lock.hold(key, wait=wait, operation=operation)

    def statistics(self) -> LockStatistics:
        return self._lock.statistics()


@dataclass(eq=False, kw_only=True)
class Instance:
    """One place where the service runs, and the process that runs there now."""

    name: str
    use_cases: UseCases
    lock: MortalLock
    life: Life
    lives: "count[int]" = field(default_factory=lambda: count(2))


class World:
    """Everything that a story happens to, and the ways to make it happen."""

    def __init__(
        self,
        *,
        random: Random,
        plot: Plot,
        odds: Odds,
        parts: Parts,
        watch: Callable[[str], None],
        say: Tell,
        sends: Callable[[str], None],
    ) -> None:
        self.random = random
        self.plot = plot
        self.loop = SteppedLoop(self._on_jump)  # type: ignore[abstract]  # so it says
        self.director = Director(
            self.loop, random, odds, watch=watch, on_crash=self._on_crash
        )
        self.bugs: list[BaseException] = []
        self._graves: list[Life] = []
        self._spares = False  # its containers, for the next story
        self._build_outside(parts, say, sends)
        self.instances = [
            self._instance(name, error, parts)
            for name, error in zip("AB", plot.clock_errors, strict=True)
        ]

    def _build_outside(
        self, parts: Parts, say: Tell, sends: Callable[[str], None]
    ) -> None:
        gate = self.director
        self.provider_clock = ManualClock()
        self.purchases, self.programs = parts.purchases(), parts.programs()
        self.purchases.gate = self.programs.gate = gate
        self.programs.stored[self.plot.program.id] = self.plot.program
        self.payments = TalkingProvider(
            self.provider_clock, gate=gate.of_provider, tell=say, fails=self._fails
        )
        self.audit = InMemoryAuditLog(gate=gate)
        self.event_log = InMemoryEventLog(gate=gate)
        self.refunds = FickleRefunds(
            payments=self.payments, begins=self._begins, sends=sends
        )
        self.history = FakePaymentHistory(payments=self.payments, refunds=self.refunds)
        self.orphans = InMemoryOrphanRepository(gate=gate)
        self.outbox = InMemoryMailOutbox(store=self.store, gate=gate)
        self.ledger = FakePaymentLedger(payments=self.payments)
        self.ledger_days = InMemoryLedgerDays(gate=gate)
        self.payment_records = InMemoryPaymentRecords(
            store=self.store, orphans=self.orphans, gate=gate
        )
        self.metrics = RecordingMetrics()
        self.mailer = FakeMailer(gate=gate)
        self.survey = InMemorySurvey(
            programs=self.programs, store=self.store, gate=gate
        )
        self.findings = InMemoryFindingRepository(gate=gate)
        self.turns = InMemoryTurns(gate=gate)
        self.alerts = RecordingAlerts()
        self.randomness = SeededRandomness(self.random.getrandbits(32))
        self.clocks: list[tuple[ManualClock, timedelta]] = []

    @property
    def store(self) -> PurchaseStore:
        return self.purchases.store

    @property
    def held(self) -> frozenset[PurchaseId]:
        return self.programs.holders.get(self.plot.program.id, frozenset())

    # --- Processes --------------------------------------------------------------

    def _instance(self, name: str, error: timedelta, parts: Parts) -> Instance:
        clock = ManualClock(NOON + error)
        self.clocks.append((clock, error))
        lock = MortalLock(self.loop.time)
        use_cases = wired(
            app="spothold",
            cool_down=COOL_DOWN,
            environment="test",
            frontend_url="https://spothold.example",
            hold=HOLD,
            livemode=False,
            mail_domain="mail.example",
            promise=PROMISE,
            refund_window=REFUND_WINDOW,
            worker=name,
            alerts=providers.Object(self.alerts),
            audit=self._wired(self.audit),
            bell=providers.Object(RecordingBell()),
            clock=providers.Object(clock),
            event_log=self._wired(self.event_log),
            findings=self._wired(self.findings),
            history=self._wired(self.history),
            ledger=self._wired(self.ledger),
            ledger_days=self._wired(self.ledger_days),
            locks=providers.Object(lock),
            mailer=self._wired(self.mailer),
            metrics=providers.Object(self.metrics),
            orphans=self._wired(self.orphans),
            outbox=self._wired(self.outbox),
            payment_records=self._wired(self.payment_records),
            payments=self._wired(self.payments),
            programs=self._wired(self.programs),
            purchases=self._wired(self.purchases),
            randomness=providers.Object(self.randomness),
            refunds=self._wired(self.refunds),
            survey=self._wired(self.survey),
            turns=self._wired(self.turns),
        )
        parts.bend(use_cases)
        self._spares = parts.bend is unbent
        life = Life(name=f"{name}1")
        return Instance(name=name, use_cases=use_cases, lock=lock, life=life)

    def _wired(self, port: object) -> providers.Object[Wire]:
        return providers.Object(Wire(port, self.loop))

    def _on_crash(self, life: Life) -> None:
        seconds = self.random.choice(RESTART_SECONDS)
        self.loop.call_later(seconds, self.restart, life)

    def restart(self, dead: Life) -> None:
        """Start the process again, with nothing remembered."""
        for instance in self.instances:
            if instance.life is dead:
                instance.lock.forget()
                instance.use_cases.programs_on_hand().forget_all()
                instance.use_cases.abandoned_lately().forget()
                instance.life = Life(name=f"{instance.name}{next(instance.lives)}")
                self._graves.append(dead)

    async def ask(
        self, work: Callable[[UseCases], Coroutine[Any, Any, T]]
    ) -> T | BaseException:
        """Send a request to one of the instances; return its answer or its error."""
        awake = [each for each in self.instances if not each.life.is_dead]
        if not awake:
            return Crash()
        return await self.ask_at(self.random.choice(awake), work)

    def ask_at(
        self, instance: Instance, work: Callable[[UseCases], Coroutine[Any, Any, T]]
    ) -> Awaitable[T | BaseException]:
        life = instance.life
        answer: asyncio.Future[T | BaseException] = self.loop.create_future()
        errand = Errand(life, began=self.director.steps)
        context = Context()
        context.run(ERRAND.set, errand)
        task = self.loop.create_task(work(instance.use_cases), context=context)
        errand.task = task
        life.keep(task)
        life.answers.append(answer)

        def settle(done: asyncio.Task[T]) -> None:
            life.answers.remove(answer)
            result = self._result_of(done)
            if not answer.done():
                answer.set_result(result)

        task.add_done_callback(settle)
        return answer

    def _result_of(self, task: asyncio.Task[T]) -> T | BaseException:
        if task.cancelled():
            return asyncio.CancelledError()
        error = task.exception()
        if error is None:
            return task.result()
        if not isinstance(error, EXPECTED):
            self.bugs.append(error)
        return error

    def bury(self) -> None:
        """Let what hangs in dead processes end, so that nothing is left behind."""
        lives = [*self._graves, *(each.life for each in self.instances)]
        for life in lives:
            life.is_dead = True
        while tasks := [task for life in lives for task in life.tasks]:
            for task in tasks:
                task.cancel()
            self.loop.run_ready()
        if self._spares:
            SPARE.extend(each.use_cases for each in self.instances)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let somebody outside act, in no process of ours."""
        task = self.loop.create_task(work, context=Context())
        task.add_done_callback(self._take_note)

    def _take_note(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.bugs.append(task.exception() or Crash())

    # --- Time -------------------------------------------------------------------

    async def pause(self, seconds: float) -> None:
        future = self.loop.create_future()
        self.loop.call_later(seconds, _wake, future)
        await future

    def _on_jump(self, seconds: float) -> None:
        now = NOON + timedelta(seconds=seconds)
        self.provider_clock.at = now
        for clock, error in self.clocks:
            clock.at = now + error

    def _fails(self) -> bool | None:
        if self.random.random() >= self.director.odds.saved_500:
            return None
        self.director.note("saved 500")
        return self.random.random() < 0.5  # noqa: PLR2004

    def _begins(self, *, is_ours: bool) -> RefundStatus | None:
        odds = self.director.odds
        if is_ours and self.random.random() < odds.refused_refund:
            self.director.note("refund refused")
            return None
        is_slow = self.random.random() < odds.slow_refund
        return self.random.choice(SLOW) if is_slow else RefundStatus.SUCCEEDED


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
