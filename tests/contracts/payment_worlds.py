"""A payment gateway under contract, and the hands of buyers, banks and misfortune."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from adapters.stripe.gateway import StripePaymentGateway
from adapters.stripe.patience import Patience
from adapters.system.clock import SystemClock
from application.ports.payments import PaymentGateway
from domain.ids import PurchaseId, SessionId
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.payments import FakePaymentGateway
from entrypoints.stripe_simulator.faults import Kind
from tests.servers.stripe_simulator import (
    API_KEY,
    RunningSimulator,
    stripe_simulator,
)

SESSIONS = "/v1/checkout/sessions"
CALM = Patience(
    per_try=timedelta(seconds=10),
    pause=timedelta(milliseconds=1),
    overall=timedelta(seconds=60),
)


class PaymentWorld(Protocol):
    """What can be done to a provider, the same for the real one and the fake."""

    @property
    def gateway(self) -> PaymentGateway: ...
    async def pay(self, session_id: SessionId) -> None: ...
    async def pay_later(self, session_id: SessionId) -> None: ...
    async def clear_delayed(self, session_id: SessionId) -> None: ...
    async def fail_delayed(self, session_id: SessionId) -> None: ...
    async def advance(self, by: timedelta) -> None: ...
    async def lose_request(self) -> None:
        """Lose the next creation before it has an effect, its repeats included."""
        ...

    async def lose_answer(self) -> None:
        """Lose the answer to the next creation, its repeats included."""
        ...

    async def save_failure(self, purchase_id: PurchaseId, *, creates: bool) -> None: ...
    async def count_sessions(self) -> int: ...


@dataclass(frozen=True, slots=True)
class FakeWorld:
    gateway: FakePaymentGateway = field(default_factory=FakePaymentGateway)

    async def pay(self, session_id: SessionId) -> None:
        self.gateway.pay(session_id)

    async def pay_later(self, session_id: SessionId) -> None:
        self.gateway.pay_later(session_id)

    async def clear_delayed(self, session_id: SessionId) -> None:
        self.gateway.clear_delayed(session_id)

    async def fail_delayed(self, session_id: SessionId) -> None:
        self.gateway.fail_delayed(session_id)

    async def advance(self, by: timedelta) -> None:
        self.gateway.clock.advance(by)

    async def lose_request(self) -> None:
        self.gateway.lose_request("create_session")

    async def lose_answer(self) -> None:
        self.gateway.lose_answer("create_session")

    async def save_failure(self, purchase_id: PurchaseId, *, creates: bool) -> None:
        self.gateway.save_failure(purchase_id, creates=creates)

    async def count_sessions(self) -> int:
        return sum(self.gateway.created.values())


@dataclass(frozen=True, slots=True)
class SimulatedWorld:
    """The adapter and Stripe's simulator, with a socket between them."""

    gateway: StripePaymentGateway
    simulator: RunningSimulator

    async def pay(self, session_id: SessionId) -> None:
        await self._press(session_id, "pay", name="Ada", country="GB")

    async def pay_later(self, session_id: SessionId) -> None:
        await self._press(session_id, "pay-later", name="Ada", country="GB")

    async def clear_delayed(self, session_id: SessionId) -> None:
        await self._press(session_id, "clear")

    async def fail_delayed(self, session_id: SessionId) -> None:
        await self._press(session_id, "fail")

    async def advance(self, by: timedelta) -> None:
        await self.simulator.advance(by.total_seconds())

    async def lose_request(self) -> None:
        await self._spoil("drop_before", count=CALM.tries)

    async def lose_answer(self) -> None:
        await self._spoil("drop_after", count=CALM.tries)

    async def save_failure(self, purchase_id: PurchaseId, *, creates: bool) -> None:
        await self._spoil("status", is_saved=True, has_effect=creates)

    async def count_sessions(self) -> int:
        _, listed, _ = await self.simulator.call("GET", f"{SESSIONS}?limit=100")
        return len(listed["data"])

    async def _press(self, session_id: SessionId, button: str, **fields: str) -> None:
        status, _ = await self.simulator.press(session_id, button, **fields)
        if status != 303:
            raise AssertionError(f"the page answered {status} to {button}")

    async def _spoil(self, kind: Kind, **details: object) -> None:
        await self.simulator.fault(kind, method="POST", path=SESSIONS, **details)


@asynccontextmanager
async def fake_world() -> AsyncIterator[PaymentWorld]:
    yield FakeWorld()


@asynccontextmanager
async def simulated_world() -> AsyncIterator[PaymentWorld]:
    async with stripe_simulator() as simulator:
        gateway = StripePaymentGateway(
            API_KEY,
            clock=SystemClock(),
            alerts=RecordingAlerts(),
            environment="test",
            success_url="https://shop.example/ok?session_id={CHECKOUT_SESSION_ID}",
            cancel_url="https://shop.example/no?purchase_id={PURCHASE_ID}",
            api_base=simulator.url,
            patience=CALM,
        )
        try:
            yield SimulatedWorld(gateway, simulator)
        finally:
            await gateway.close()


def in_whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
