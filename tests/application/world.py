"""The whole outside in memory, and the service in front of it.

The base of every room in which use cases run: buyers race here, processes die, the
provider falls silent.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from itertools import count
from random import Random
from typing import Final

from dependency_injector import providers

from adapters.in_memory.locks import InMemoryKeyedLock
from application.ports.locks import KeyedLock
from application.ports.payment_events import (
    ChargeReport,
    EventKind,
    EventObject,
    PaymentEvent,
)
from application.receive_event import EventOutcome
from application.request_refund import RequestRefundCommand
from application.start_checkout import CheckoutAnswer, StartCheckoutCommand
from domain.checkout import CheckoutSession
from domain.cool_down import CoolDown
from domain.ids import ProgramId, PurchaseId, SessionId
from domain.program import Program
from domain.purchase import Buyer, ClosedReason, Purchase, Status
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.audit import InMemoryAuditLog
from entrypoints.simulation.outside.bell import RecordingBell
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.event_log import InMemoryEventLog
from entrypoints.simulation.outside.findings import InMemoryFindingRepository
from entrypoints.simulation.outside.history import FakePaymentHistory
from entrypoints.simulation.outside.idempotency import InMemoryIdempotencyKeys
from entrypoints.simulation.outside.ledger_days import InMemoryLedgerDays
from entrypoints.simulation.outside.mailer import FakeMailer
from entrypoints.simulation.outside.memory import event_about
from entrypoints.simulation.outside.metrics import RecordingMetrics
from entrypoints.simulation.outside.orphans import InMemoryOrphanRepository
from entrypoints.simulation.outside.payment_ledger import FakePaymentLedger
from entrypoints.simulation.outside.payment_records import InMemoryPaymentRecords
from entrypoints.simulation.outside.payments import FakePaymentGateway
from entrypoints.simulation.outside.programs import InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import (
    InMemoryMailOutbox,
    InMemoryPurchaseRepository,
    PurchaseStore,
)
from entrypoints.simulation.outside.randomness import SeededRandomness
from entrypoints.simulation.outside.refunds import FakeRefundGateway
from entrypoints.simulation.outside.survey import InMemorySurvey
from entrypoints.simulation.outside.trail import InMemoryTrail
from entrypoints.simulation.outside.turns import InMemoryTurns
from entrypoints.use_cases import UseCases
from tests.examples import (
    ADA,
    CHOIR,
    COOL_DOWN,
    HOLD,
    PROMISE,
    REFUND_WINDOW,
    a_program,
)
from tests.fakes.locks import LyingLock, NoLock
from tests.fakes.turnstile import Turnstile

LOCKS: Final = ("a lock", "no lock", "a lock that lies")


def lock_named(name: str) -> KeyedLock:
    if name == "no lock":
        return NoLock()
    honest = InMemoryKeyedLock()
    return honest if name == "a lock" else LyingLock(honest, random=Random(7))


@dataclass(kw_only=True)
class World:
    """Ada, the choir, one database, one provider, one mail server and one service.

    Replace a part to see what holds without it: `lock`, `purchases`, `programs`.  All
    parts pass the one `gate`.
    """

    lock: KeyedLock = field(default_factory=InMemoryKeyedLock)
    clock: ManualClock = field(default_factory=ManualClock)
    provider_clock: ManualClock | None = None
    gate: Turnstile = field(default_factory=Turnstile)
    cool_down: CoolDown = COOL_DOWN
    alerts: RecordingAlerts = field(default_factory=RecordingAlerts)
    bell: RecordingBell = field(default_factory=RecordingBell)
    purchases: InMemoryPurchaseRepository = field(
        default_factory=InMemoryPurchaseRepository
    )
    programs: InMemoryProgramRepository = field(
        default_factory=InMemoryProgramRepository
    )
    randomness: SeededRandomness = field(default_factory=SeededRandomness)
    events: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.payments = FakePaymentGateway(
            self.provider_clock or self.clock, gate=self.gate.of_provider
        )
        self.refunds = FakeRefundGateway(payments=self.payments)
        self.provider_history = FakePaymentHistory(
            payments=self.payments, refunds=self.refunds
        )
        self.purchases.gate = self.programs.gate = self.gate
        self.audit = InMemoryAuditLog(gate=self.gate)
        self.event_log = InMemoryEventLog(gate=self.gate)
        self.orphans = InMemoryOrphanRepository(gate=self.gate)
        self.outbox = InMemoryMailOutbox(store=self.store, gate=self.gate)
        self.ledger = FakePaymentLedger(payments=self.payments)
        self.keys = InMemoryIdempotencyKeys(gate=self.gate)
        self.ledger_days = InMemoryLedgerDays(gate=self.gate)
        self.payment_records = InMemoryPaymentRecords(
            store=self.store, orphans=self.orphans, gate=self.gate
        )
        self.metrics = RecordingMetrics()
        self.mailer = FakeMailer(gate=self.gate)
        self.survey = InMemorySurvey(
            programs=self.programs, store=self.store, gate=self.gate
        )
        self.findings = InMemoryFindingRepository(gate=self.gate)
        self.trail = InMemoryTrail(gate=self.gate)
        self.turns = InMemoryTurns(gate=self.gate)
        self.offer(a_program())

    @cached_property
    def service(self) -> UseCases:
        return self.instance()

    def instance(
        self, *, lock: KeyedLock | None = None, worker: str = "one"
    ) -> UseCases:
        """Start one more process in front of the same outside."""
        return UseCases(
            app="spothold",
            cool_down=self.cool_down,
            environment="test",
            frontend_url="https://spothold.example",
            hold=HOLD,
            livemode=False,
            mail_domain="mail.example",
            promise=PROMISE,
            refund_window=REFUND_WINDOW,
            worker=worker,
            alerts=providers.Object(self.alerts),
            audit=providers.Object(self.audit),
            bell=providers.Object(self.bell),
            clock=providers.Object(self.clock),
            event_log=providers.Object(self.event_log),
            findings=providers.Object(self.findings),
            history=providers.Object(self.provider_history),
            idempotency_keys=providers.Object(self.keys),
            ledger=providers.Object(self.ledger),
            ledger_days=providers.Object(self.ledger_days),
            locks=providers.Object(lock or self.lock),
            mailer=providers.Object(self.mailer),
            metrics=providers.Object(self.metrics),
            orphans=providers.Object(self.orphans),
            outbox=providers.Object(self.outbox),
            payment_records=providers.Object(self.payment_records),
            payments=providers.Object(self.payments),
            programs=providers.Object(self.programs),
            purchases=providers.Object(self.purchases),
            randomness=providers.Object(self.randomness),
            survey=providers.Object(self.survey),
            trail=providers.Object(self.trail),
            turns=providers.Object(self.turns),
            refunds=providers.Object(self.refunds),
        )

    # --- What people do ---------------------------------------------------------

    def offer(self, program: Program) -> None:
        """Put a program up for sale, or change one, as an admin elsewhere would."""
        before = self.programs.stored.get(program.id)
        if before is not None and program.revision <= before.revision:
            program = replace(program, revision=before.revision + 1)
        self.programs.stored[program.id] = program

    async def check_out(
        self,
        buyer: Buyer = ADA,
        *,
        as_class_rep: bool = False,
        service: UseCases | None = None,
    ) -> CheckoutAnswer:
        command = StartCheckoutCommand(
            buyer=buyer, program_id=CHOIR, as_class_rep=as_class_rep
        )
        return await (service or self.service).start_checkout()(command)

    async def cancel(self, purchase: Purchase) -> Purchase:
        return await self.service.cancel_purchase()(purchase.buyer.id, purchase.id)

    async def bought(
        self, buyer: Buyer = ADA, *, as_class_rep: bool = False
    ) -> Purchase:
        """Check out, pay, and hear of it."""
        answer = await self.check_out(buyer, as_class_rep=as_class_rep)
        await self.tell(self.payments.pay(session_of(answer.purchase)))
        return self.row(answer.purchase)

    async def ask_refund(
        self, purchase: Purchase, *, service: UseCases | None = None
    ) -> Purchase:
        """Ask as the buyer does."""
        command = RequestRefundCommand(
            purchase_id=purchase.id, buyer_id=purchase.buyer.id
        )
        return await (service or self.service).request_refund()(command)

    async def drive(self, purchase: Purchase) -> Purchase:
        """Do what reconcile does for a purchase with open money."""
        return await self.service.drive_money()(self.row(purchase), by="reconcile")

    # --- What the provider tells ------------------------------------------------

    def event(
        self,
        subject: EventObject,
        kind: EventKind = EventKind.SESSION_COMPLETED,
        *,
        livemode: bool = False,
    ) -> PaymentEvent:
        return event_about(
            subject,
            kind,
            id=f"evt_{next(self.events)}",
            at=self.payments.now(),
            livemode=livemode,
        )

    def charge(self, payment_intent: str) -> ChargeReport:
        """Return what the provider tells of a charge, as it is now."""
        return self.refunds.charge(payment_intent)

    async def tell(
        self,
        subject: EventObject,
        kind: EventKind = EventKind.SESSION_COMPLETED,
    ) -> EventOutcome:
        return await self.service.receive_event()(self.event(subject, kind))

    async def deliver_mail(self) -> int:
        return await self.service.deliver_mail()()

    def advance(self, by: timedelta) -> None:
        self.clock.advance(by)

    # --- What is there ----------------------------------------------------------

    @property
    def store(self) -> PurchaseStore:
        return self.purchases.store

    @property
    def rows(self) -> Collection[Purchase]:
        return self.store.rows.values()

    @property
    def live(self) -> list[Purchase]:
        return [row for row in self.rows if row.is_live]

    @property
    def sessions(self) -> list[CheckoutSession]:
        return list(self.payments.sessions.values())

    @property
    def sessions_created(self) -> int:
        return self.payments.created.total()

    def row(self, purchase: Purchase) -> Purchase:
        """Return the purchase as it is now."""
        return self.store.get(purchase.id)

    def held(self, program_id: ProgramId = CHOIR) -> frozenset[PurchaseId]:
        """Return who holds the class-rep spots."""
        return self.programs.holders.get(program_id, frozenset())

    def is_cancelled(self, purchase: Purchase) -> bool:
        """Say whether it is closed by its buyer, its spot free, and no page open."""
        row = self.row(purchase)
        return (
            (row.status, row.closed_reason) == (Status.CLOSED, ClosedReason.CANCELLED)
            and purchase.id not in self.held()
            and all(s.url is None for s in self.payments.sessions_of(purchase.id))
        )

    def rows_of(self, purchase: Purchase) -> list[str]:
        """Return how far each of its refunds came."""
        return [row.state.value for row in self.row(purchase).refunds]

    def history(self, purchase: Purchase) -> list[Status]:
        """Return the statuses that the purchase went through."""
        return [status for id_, status, _ in self.store.log if id_ == purchase.id]

    def session(self, purchase: Purchase) -> CheckoutSession:
        """Return the session as the provider has it now."""
        return self.payments.sessions[session_of(purchase)]


def session_of(purchase: Purchase) -> SessionId:
    assert purchase.session is not None
    return purchase.session.id


def intent_of(purchase: Purchase) -> str:
    assert purchase.paid is not None
    assert purchase.paid.payment_intent is not None
    return purchase.paid.payment_intent
