"""What depends on a webhook, on our clock or on a lock, and so must be found out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from dependency_injector import providers

from application.ports.clock import Clock
from application.ports.payments import PaymentGateway
from application.ports.purchases import LivePurchaseExists
from domain.purchase import Purchase
from entrypoints.simulation.outside.purchases import InMemoryPurchaseRepository
from entrypoints.use_cases import UseCases
from tests.simulation.mutants import TrustsItsClock


class PurchasesThatLookFirst(InMemoryPurchaseRepository):
    """Stores a purchase a moment after it saw that there is none."""

    async def add(self, purchase: Purchase) -> None:
        await self.gate("before purchases.add")
        if self._live(purchase.buyer.id, purchase.program.id):
            raise LivePurchaseExists
        await self.gate("amid purchases.add")
        self.store.put(purchase)
        await self.gate("after purchases.add")


class OnOurTime:
    """A payment gateway that takes our clock for the provider's."""

    def __init__(self, payments: PaymentGateway, clock: Clock) -> None:
        self._payments = payments
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._payments, name)


def asks_its_clock_for_stripes_time(use_cases: UseCases) -> None:
    ours = OnOurTime(use_cases.payments(), use_cases.clock())
    use_cases.payments.override(providers.Object(ours))


def trusts_its_clock(use_cases: UseCases) -> None:
    careful: Any = use_cases.drive
    careful.override(providers.Singleton(TrustsItsClock, **careful.kwargs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Careless:
    """What is careless, and the condition under which that must show."""

    condition: str
    facts: Mapping[str, Any] = field(default_factory=dict)


CARELESS: Final[dict[str, Careless]] = {
    "nothing but webhooks, and none comes": Careless(
        condition="no webhook comes", facts={"reconciles": False}
    ),
    "its own clock ends a page, and it is ahead": Careless(
        condition="our clock is two days ahead", facts={"bend": trusts_its_clock}
    ),
    "its own clock sets the end of a page, and it is behind": Careless(
        condition="our clock is two days behind",
        facts={"bend": asks_its_clock_for_stripes_time},
    ),
    "nothing but a lock, and there is none": Careless(
        condition="no lock", facts={"purchases": PurchasesThatLookFirst}
    ),
    "nothing but a lock, and it lies": Careless(
        condition="a lock that lies, 1", facts={"purchases": PurchasesThatLookFirst}
    ),
    "nothing but a lock, and there are two of it": Careless(
        condition="two instances", facts={"purchases": PurchasesThatLookFirst}
    ),
}
