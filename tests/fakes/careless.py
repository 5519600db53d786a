"""Repositories that break the promise safety rests on.

A race that ends well with one of these proves nothing.
"""

from dataclasses import replace
from datetime import datetime

from application.ports.purchases import Noted
from domain.class_rep import ClassRepSpots
from domain.ids import ProgramId, PurchaseId
from domain.outbox import OutgoingMail
from domain.purchase import Payment, Purchase, Status
from domain.refunds import ExtraPayment, ExtraReason
from domain.transitions import Transition
from entrypoints.simulation.outside.gates import passing
from entrypoints.simulation.outside.programs import NOBODY, InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import (
    InMemoryMailOutbox,
    InMemoryPurchaseRepository,
)


def blindly(row: Purchase, transition: Transition, *, at: datetime) -> Purchase:
    """Take a step without asking whether it fits."""
    return replace(row, status=transition.target, updated_at=at, **transition.facts)


class PurchasesWithoutAnIndex(InMemoryPurchaseRepository):
    """Stores a second live purchase of the same buyer and program."""

    async def add(self, purchase: Purchase) -> None:
        await self.gate("before purchases.add")
        self.store.put(purchase)
        await self.gate("after purchases.add")


class PurchasesThatForgetTheirSources(InMemoryPurchaseRepository):
    """Changes a purchase whatever its status is: the predecessor's `save()`."""

    async def change(
        self, purchase_id: PurchaseId, transition: Transition, *, at: datetime, by: str
    ) -> bool:
        await self.gate("before purchases.change")
        row = self.store.get(purchase_id)
        self.store.put(blindly(row, transition, at=at))
        self.store.log.append((purchase_id, transition.target, by))
        await self.gate("after purchases.change")
        return True

    async def note_extra_payment(
        self, purchase_id: PurchaseId, payment: ExtraPayment, *, at: datetime
    ) -> Noted:
        return Noted.BEFORE


class PurchasesThatTakeOneStepBlindly(InMemoryPurchaseRepository):
    """Takes one kind of step whatever the status is, and the others with care."""

    def __init__(self, blind_step: type[Transition]) -> None:
        super().__init__()
        self._blind_step = blind_step

    async def change(
        self, purchase_id: PurchaseId, transition: Transition, *, at: datetime, by: str
    ) -> bool:
        if not isinstance(transition, self._blind_step):
            return await super().change(purchase_id, transition, at=at, by=by)
        async with passing(self.gate, "purchases.change"):
            row = self.store.get(purchase_id)
            self.store.put(blindly(row, transition, at=at))
            return True


class PurchasesThatRevive(InMemoryPurchaseRepository):
    """Completes a closed purchase when its money comes after all."""

    async def note_extra_payment(
        self, purchase_id: PurchaseId, payment: ExtraPayment, *, at: datetime
    ) -> Noted:
        if payment.reason is not ExtraReason.LATE:
            return await super().note_extra_payment(purchase_id, payment, at=at)
        async with passing(self.gate, "purchases.note_extra_payment"):
            row = self.store.get(purchase_id)
            paid = Payment(
                session_id=payment.session_id,
                payment_intent=payment.payment_intent,
                amount=row.quote.total,
            )
            self.store.put(replace(row, status=Status.COMPLETED, paid=paid))
            return Noted.BEFORE


class PurchasesThatSwapBlindly(InMemoryPurchaseRepository):
    """Stores money whatever has moved since it was read."""

    async def swap_money(
        self, before: Purchase, after: Purchase, *, at: datetime, by: str
    ) -> bool:
        await self.gate("before purchases.swap_money")
        self.store.put(after)
        await self.gate("after purchases.swap_money")
        return True


class ProgramsThatCheckThenPush(InMemoryProgramRepository):
    """Reads the spots, then takes one: two steps where one is needed."""

    async def reserve_spot(
        self,
        program_id: ProgramId,
        purchase_id: PurchaseId,
        *,
        limit: int,
        revision: int | None = None,
    ) -> None:
        await self.gate("before programs.reserve_spot")
        holders = self.holders.get(program_id, NOBODY)
        ClassRepSpots(limit=limit, holders=holders).reserve(purchase_id)
        await self.gate("amid programs.reserve_spot")
        self.holders[program_id] = self.holders.get(program_id, NOBODY) | {purchase_id}
        await self.gate("after programs.reserve_spot")


class ProgramsThatCountDown(InMemoryProgramRepository):
    """Releases by counting: whoever asks twice frees the spot of somebody else."""

    async def release_spot(
        self, program_id: ProgramId, purchase_id: PurchaseId
    ) -> bool:
        await self.gate("before programs.release_spot")
        holders = self.holders.get(program_id, NOBODY)
        ordered = sorted(holders, key=lambda holder: holder != purchase_id)
        self.holders[program_id] = frozenset(ordered[1:])
        await self.gate("after programs.release_spot")
        return True


class OutboxWithoutLeases(InMemoryMailOutbox):
    """Lets every worker believe that it came first."""

    async def swap(
        self, purchase_id: PurchaseId, before: OutgoingMail, after: OutgoingMail
    ) -> bool:
        await super().swap(purchase_id, before, after)
        return True
