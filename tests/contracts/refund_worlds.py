"""Refunds and history under contract, and what banks, colleagues and misfortune do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from adapters.stripe.gateway import StripePaymentGateway
from application.ports.payment_history import PaymentHistory
from application.ports.payment_ledger import PaymentLedger
from application.ports.payments import PaymentGateway
from application.ports.refunds import RefundGateway
from domain.disputes import DisputeState
from domain.ids import BuyerId, ProgramId, PurchaseId, SessionId
from domain.money import Money
from domain.purchase import Buyer, PurchasedProgram
from domain.quote import Quote
from domain.refunding import RefundStatus
from entrypoints.simulation.outside.history import FakePaymentHistory
from entrypoints.simulation.outside.payment_ledger import FakePaymentLedger
from entrypoints.simulation.outside.refunds import FakeRefundGateway
from entrypoints.stripe_simulator.faults import Kind
from tests.contracts.payment_worlds import (
    CALM,
    FakeWorld,
    SimulatedWorld,
    simulated_world,
)
from tests.servers.stripe_simulator import RunningSimulator

REFUNDS = "/v1/refunds"
P1 = PurchaseId("p-1")
PRICE = Money.of(100_00, "eur")
ZERO = Money.of(0, "eur")
FirstWord = Literal["pending", "succeeded"]


class RefundWorld(Protocol):
    """What can be done to a provider, the same for the real one and the fake."""

    @property
    def payments(self) -> PaymentGateway: ...
    @property
    def refunds(self) -> RefundGateway: ...
    @property
    def history(self) -> PaymentHistory: ...
    @property
    def ledger(self) -> PaymentLedger: ...
    async def pay(self, session_id: SessionId) -> None: ...
    async def refund_outside(self, payment_intent: str, amount: int) -> None: ...
    async def begin_as(self, word: FirstWord) -> None: ...
    async def settle(self, refund_id: str, status: RefundStatus) -> None: ...
    async def charge_back(self, payment_intent: str) -> None: ...
    async def decide(self, dispute_id: str, state: DisputeState) -> None: ...
    async def advance(self, by: timedelta) -> None: ...
    async def lose_request(self) -> None:
        """Lose the next creation before it has an effect, its repeats included."""
        ...

    async def lose_answer(self) -> None:
        """Lose the answer to the next creation, its repeats included."""
        ...

    async def fall_silent(self) -> None:
        """Answer no more questions about what has moved."""
        ...


@dataclass(frozen=True, slots=True)
class FakeRefundWorld:
    world: FakeWorld = field(default_factory=FakeWorld)
    refunds: FakeRefundGateway = field(init=False)

    def __post_init__(self) -> None:
        refunds = FakeRefundGateway(payments=self.world.gateway)
        object.__setattr__(self, "refunds", refunds)

    @property
    def payments(self) -> PaymentGateway:
        return self.world.gateway

    @property
    def history(self) -> PaymentHistory:
        return FakePaymentHistory(payments=self.world.gateway, refunds=self.refunds)

    @property
    def ledger(self) -> PaymentLedger:
        return FakePaymentLedger(payments=self.world.gateway)

    async def pay(self, session_id: SessionId) -> None:
        await self.world.pay(session_id)

    async def refund_outside(self, payment_intent: str, amount: int) -> None:
        self.refunds.refund_outside(payment_intent, amount)

    async def begin_as(self, word: FirstWord) -> None:
        self.refunds.begin_as = RefundStatus(word)

    async def settle(self, refund_id: str, status: RefundStatus) -> None:
        self.refunds.settle(refund_id, status)

    async def charge_back(self, payment_intent: str) -> None:
        self.refunds.dispute(payment_intent)

    async def decide(self, dispute_id: str, state: DisputeState) -> None:
        self.refunds.move_dispute(dispute_id, state)

    async def advance(self, by: timedelta) -> None:
        await self.world.advance(by)

    async def lose_request(self) -> None:
        self.world.gateway.lose_request("create_refund")

    async def lose_answer(self) -> None:
        self.world.gateway.lose_answer("create_refund")

    async def fall_silent(self) -> None:
        for call in ("movements", "movements_of"):
            self.world.gateway.lose_request(call, times=CALM.tries)


@dataclass(frozen=True, slots=True)
class SimulatedRefundWorld:
    """The adapter and Stripe's simulator, with a socket between them."""

    world: SimulatedWorld

    @property
    def payments(self) -> StripePaymentGateway:
        return self.world.gateway

    @property
    def refunds(self) -> RefundGateway:
        return self.world.gateway.refunds

    @property
    def history(self) -> PaymentHistory:
        return self.world.gateway.history

    @property
    def ledger(self) -> PaymentLedger:
        return self.world.gateway.ledger

    @property
    def simulator(self) -> RunningSimulator:
        return self.world.simulator

    async def pay(self, session_id: SessionId) -> None:
        await self.world.pay(session_id)

    async def refund_outside(self, payment_intent: str, amount: int) -> None:
        form = f"payment_intent={payment_intent}&amount={amount}"
        status, answer, _ = await self.simulator.call("POST", REFUNDS, form)
        assert status == 200, answer

    async def begin_as(self, word: FirstWord) -> None:
        await self.simulator.control("POST", "/refunds", begin_as=word)

    async def settle(self, refund_id: str, status: RefundStatus) -> None:
        await self.simulator.settle_refund(refund_id, status)

    async def charge_back(self, payment_intent: str) -> None:
        path = f"/v1/charges?payment_intent={payment_intent}"
        _, charges, _ = await self.simulator.call("GET", path)
        charge = charges["data"][0]["id"]
        await self.simulator.control("POST", "/disputes", charge=charge)

    async def decide(self, dispute_id: str, state: DisputeState) -> None:
        path = f"/disputes/{dispute_id}/close"
        await self.simulator.control("POST", path, outcome=state.value)

    async def advance(self, by: timedelta) -> None:
        await self.world.advance(by)

    async def lose_request(self) -> None:
        await self._spoil("drop_before")

    async def lose_answer(self) -> None:
        await self._spoil("drop_after")

    async def fall_silent(self) -> None:
        await self.simulator.fault("drop_before", method="GET", count=None)

    async def _spoil(self, kind: Kind) -> None:
        await self.simulator.fault(kind, method="POST", path=REFUNDS, count=CALM.tries)


@asynccontextmanager
async def fake_refund_world() -> AsyncIterator[RefundWorld]:
    yield FakeRefundWorld()


@asynccontextmanager
async def simulated_refund_world() -> AsyncIterator[RefundWorld]:
    async with simulated_world() as world:
        assert isinstance(world, SimulatedWorld)
        yield SimulatedRefundWorld(world)


async def paid(world: RefundWorld, purchase_id: PurchaseId = P1) -> str:
    """Open and pay a session; return its payment."""
    payments = world.payments
    request = payments.compose(
        purchase_id=purchase_id,
        buyer=Buyer(id=BuyerId("ada"), email="ada@example.org", name="Ada"),
        program=PurchasedProgram(
            id=ProgramId("choir"), title="Choir", program_type="", time_zone="UTC"
        ),
        quote=Quote(
            full_price=PRICE,
            class_rep_discount=ZERO,
            early_bird_discount=ZERO,
            total=PRICE,
            is_class_rep=False,
            is_early_bird=False,
            program_revision=1,
            quoted_at=datetime(2026, 3, 2, tzinfo=UTC),
        ),
        expires_at=payments.now() + timedelta(minutes=35),
    )
    session = await payments.create_session(purchase_id, request)
    await world.pay(session.id)
    paid = await payments.get_session(session.id)
    assert paid.payment_intent is not None
    return paid.payment_intent
