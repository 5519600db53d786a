"""The service in memory, where every call waits until it is let through."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context, ContextVar
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from application.ports.mail import MailNotSent
from application.ports.payment_events import PaymentEvent
from application.ports.payments import PaymentGatewayUnavailable, PaymentRefused
from application.ports.refunds import RefundRefused
from application.ports.storage import StorageUnavailable
from domain.checkout import CheckoutRequest, CheckoutSession, SessionStatus
from domain.disputes import Dispute, DisputeReport, DisputeState
from domain.ids import PurchaseId, SessionId
from domain.money import Money
from domain.program import Program
from domain.purchase import Purchase
from domain.refunding import RefundReport, RefundStatus
from entrypoints.simulation.loop import SteppedLoop
from entrypoints.simulation.outside.history import FakePaymentHistory
from entrypoints.simulation.outside.programs import InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import InMemoryPurchaseRepository
from entrypoints.simulation.outside.randomness import SeededRandomness
from entrypoints.simulation.outside.refunds import (
    FakeRefundGateway,
    Request,
    SavedRefund,
)
from entrypoints.simulation.provider import TalkingProvider
from entrypoints.use_cases import UseCases
from tests.application.world import World
from tests.examples import CHOIR
from tests.fakes.locks import NoLock
from tests.fakes.turnstile import Crash, Turnstile


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


class Treasury(FakeRefundGateway):
    """Stripe's refunds, with what only a walk does to them."""

    def __init__(
        self,
        *,
        begins: Callable[[], RefundStatus],
        refuses: Callable[[], bool],
        rows: Mapping[PurchaseId, Purchase],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rows = rows
        self._begins = begins
        self._refuses = refuses
        self._next_word: RefundStatus | None = None
        self.succeeded: set[str] = set()  # at some time, whatever came after

    def refusal_of(self, key: str) -> RefundRefused | None:
        """Return what a key repeats, if that is a refusal."""
        saved = self.keys.get(key)
        answer = saved.answer if saved is not None else None
        return answer if isinstance(answer, RefundRefused) else None

    def dispute_of(self, payment_intent: str | None) -> Dispute | None:
        for report in self.disputes.values():
            if report.payment_intent == payment_intent:
                return report.dispute
        return None

    def settle(self, refund_id: str, status: RefundStatus) -> RefundReport:
        return self._noted(super().settle(refund_id, status))

    def lose_in_part(self, dispute_id: str, amount: Money) -> DisputeReport:
        """Let the bank decide about less than it had taken."""
        report = self.disputes[dispute_id]
        less = replace(report, dispute=replace(report.dispute, amount=amount))
        self.disputes[dispute_id] = less
        return self.move_dispute(dispute_id, DisputeState.LOST)

    def _answer(self, request: Request) -> SavedRefund:
        if self._is_first(request) and self._is_left(request) and self._refuses():
            raise RefundRefused("not stored")
        return super()._answer(request)

    def _is_first(self, request: Request) -> bool:
        """Say whether it is the first refund of the purchase's own session."""
        intent, _, purchase_id, row_id = request
        if row_id == f"{session_named(intent)}:0":
            return True
        rows = self.rows.get(purchase_id) if purchase_id else None
        return rows is not None and bool(rows.refunds) and rows.refunds[0].id == row_id

    def _is_left(self, request: Request) -> bool:
        intent, amount, *_ = request
        left = self.session_of(intent).amount_total - self.given_back(intent)
        return intent not in self.charged_back and (amount or 1) <= left

    def refund_as(
        self, payment_intent: str, amount: int, word: RefundStatus
    ) -> RefundReport:
        """Refund in the dashboard, and begin as it is said."""
        self._next_word = word
        return self.refund_outside(payment_intent, amount)

    def _make(self, *request: Any) -> RefundReport:
        self.begin_as, self._next_word = self._next_word or self._begins(), None
        return self._noted(super()._make(*request))

    def _noted(self, refund: RefundReport) -> RefundReport:
        if refund.status is RefundStatus.SUCCEEDED:
            self.succeeded.add(refund.id)
        return refund


@dataclass(kw_only=True)
class Stage(World):
    """The world of the use cases' own tests, without a lock and one call at a time."""

    seed: int
    parts: Parts
    fails: Callable[[], bool | None]  # a first creation, with a session all the same
    refuses: Callable[[], bool]  # one creation, and takes the next
    refund_word: Callable[[], RefundStatus]  # how a refund begins
    refuses_refund: Callable[[], bool]  # one first try, and takes the next
    facts: list[PaymentEvent] = field(default_factory=list)  # that webhooks may tell
    first_revision: int = 0  # of what is offered before the walk begins

    def __post_init__(self) -> None:
        self.loop = SteppedLoop(lambda _now: None)  # type: ignore[abstract]  # so it says
        self.lock, self.gate = NoLock(), Gates(self.loop)
        self.purchases, self.programs = self.parts.purchases(), self.parts.programs()
        self.randomness = SeededRandomness(self.seed)
        super().__post_init__()
        self.stripe = self.payments = Provider(
            self.provider_clock,
            gate=self.gate.of_provider,
            tell=self.facts.append,
            fails=self.fails,
            refuses=self.refuses,
        )
        self.refunds = self.treasury = Treasury(
            payments=self.payments,
            begins=self.refund_word,
            refuses=self.refuses_refund,
            rows=self.store.rows,
        )
        self.provider_history = FakePaymentHistory(
            payments=self.payments, refunds=self.refunds
        )
        self.parts.bend(self.service)

    def offer(self, program: Program) -> None:
        super().offer(program)
        self.first_revision = self.programs.stored[program.id].revision

    @property
    def revision(self) -> int:
        """Return how often an admin has changed the terms, as the model counts it."""
        return self.changes_before(self.programs.stored[CHOIR].revision)

    def changes_before(self, revision: int) -> int:
        return revision - self.first_revision

    def row_of(self, event: PaymentEvent) -> Purchase:
        """Return the purchase that an event is about."""
        named = self.stripe.named.items()
        intent = event.subject.payment_intent if event.subject else None
        for id_, sessions in named:
            told = {event.session.id} if event.session else {session_named(intent)}
            if told & set(sessions):
                return self.store.rows[id_]
        raise ValueError("an event about nobody")

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


def session_named(payment_intent: str | None) -> SessionId:
    """Return the session whose payment it is."""
    return SessionId((payment_intent or "").removeprefix("pi_"))
