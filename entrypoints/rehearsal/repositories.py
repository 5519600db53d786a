"""Repositories that read what is there, and keep in memory what would be written.

Each is the stand-in that the contracts hold to the same rules as the database; before
it decides about a row, the row is fetched.  Claims are of no account: a rehearsal takes
no work from anybody.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from application.ports.event_log import EventFacts, EventLog, HeldEvent
from application.ports.orphans import OrphanRepository, OwingOrphan
from application.ports.pages import Page
from application.ports.programs import ProgramNotFound, ProgramPage, ProgramRepository
from application.ports.purchases import (
    AdminAct,
    Noted,
    OwingPurchase,
    PurchaseNotFound,
    PurchasePage,
    PurchaseRepository,
    StuckPurchase,
)
from domain.ids import BuyerId, ProgramId, PurchaseId, SessionId
from domain.orphans import Orphan
from domain.program import Program
from domain.purchase import PaymentMethod, Purchase, Status
from domain.refunds import ExtraPayment
from domain.transitions import Transition
from entrypoints.rehearsal.closed import closed
from entrypoints.simulation.outside.event_log import HELD, InMemoryEventLog
from entrypoints.simulation.outside.orphans import InMemoryOrphanRepository
from entrypoints.simulation.outside.programs import InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import InMemoryPurchaseRepository


@closed
@dataclass(kw_only=True)
class RehearsedPurchases(InMemoryPurchaseRepository):
    """`as_read`: the rows that were fetched, as they really are."""

    real: PurchaseRepository
    as_read: dict[PurchaseId, Purchase] = field(default_factory=dict)

    async def add(self, purchase: Purchase) -> None:
        await self._fetch(purchase.id)
        await self.find_live(buyer_id=purchase.buyer.id, program_id=purchase.program.id)
        await super().add(purchase)

    async def get(self, purchase_id: PurchaseId) -> Purchase:
        await self._fetch(purchase_id)
        return await super().get(purchase_id)

    async def find_live(
        self, *, buyer_id: BuyerId, program_id: ProgramId
    ) -> Purchase | None:
        self._keep(await self.real.find_live(buyer_id=buyer_id, program_id=program_id))
        return await super().find_live(buyer_id=buyer_id, program_id=program_id)

    async def find_by_session(self, session_id: SessionId) -> Purchase | None:
        self._keep(await self.real.find_by_session(session_id))
        return await super().find_by_session(session_id)

    async def find_by_payment_intent(self, payment_intent: str) -> Purchase | None:
        self._keep(await self.real.find_by_payment_intent(payment_intent))
        return await super().find_by_payment_intent(payment_intent)

    async def owing(self, *, at: datetime, limit: int) -> Sequence[OwingPurchase]:
        found = await self.real.owing(at=at, limit=limit)
        await self._fetch_all(each.id for each in found)
        return await super().owing(at=at, limit=limit)

    async def unsettled(self, *, limit: int) -> Sequence[Purchase]:
        for purchase in await self.real.unsettled(limit=limit):
            self._keep(purchase)
        return await super().unsettled(limit=limit)

    async def terminal_among(
        self, purchase_ids: Collection[PurchaseId]
    ) -> frozenset[PurchaseId]:
        await self._fetch_all(purchase_ids)
        return await super().terminal_among(purchase_ids)

    async def page_of(
        self, buyer_id: BuyerId, *, statuses: Collection[Status], page: int, size: int
    ) -> PurchasePage:
        """Return the real page: pages are looked at, and nothing is decided by them."""
        return await self.real.page_of(
            buyer_id, statuses=statuses, page=page, size=size
        )

    async def abandoned_at(
        self,
        *,
        buyer_id: BuyerId,
        program_id: ProgramId,
        since: datetime,
        limit: int,
    ) -> Sequence[datetime]:
        """Return what really was: a rehearsal abandons nothing that it then begins."""
        return await self.real.abandoned_at(
            buyer_id=buyer_id, program_id=program_id, since=since, limit=limit
        )

    async def abandoned_since(
        self, since: datetime, *, limit: int
    ) -> Sequence[tuple[BuyerId, ProgramId]] | None:
        """Return what really was, as above."""
        return await self.real.abandoned_since(since, limit=limit)

    async def change(
        self, purchase_id: PurchaseId, transition: Transition, *, at: datetime, by: str
    ) -> bool:
        await self._fetch(purchase_id)
        return await super().change(purchase_id, transition, at=at, by=by)

    async def note_extra_payment(
        self, purchase_id: PurchaseId, payment: ExtraPayment, *, at: datetime
    ) -> Noted:
        await self._fetch(purchase_id)
        return await super().note_extra_payment(purchase_id, payment, at=at)

    async def swap_money(
        self, before: Purchase, after: Purchase, *, at: datetime, by: str
    ) -> bool:
        await self._fetch(before.id)
        return await super().swap_money(before, after, at=at, by=by)

    async def note_processing(self, purchase_id: PurchaseId, *, at: datetime) -> None:
        await self._fetch(purchase_id)
        await super().note_processing(purchase_id, at=at)

    async def note_payment_method(
        self, purchase_id: PurchaseId, method: PaymentMethod
    ) -> None:
        await self._fetch(purchase_id)
        await super().note_payment_method(purchase_id, method)

    async def note_act(self, purchase_id: PurchaseId, act: AdminAct) -> None:
        await self._fetch(purchase_id)
        await super().note_act(purchase_id, act)

    async def claim_look(
        self, purchase_id: PurchaseId, *, at: datetime, not_since: datetime
    ) -> bool:
        await self._fetch(purchase_id)
        return await super().claim_look(purchase_id, at=at, not_since=not_since)

    async def stuck(
        self,
        statuses: Collection[Status],
        *,
        before: datetime,
        at: datetime,
        limit: int,
    ) -> Sequence[StuckPurchase]:
        found = await self.real.stuck(statuses, before=before, at=at, limit=limit)
        await self._fetch_all(each.id for each in found)
        return await super().stuck(statuses, before=before, at=at, limit=limit)

    async def claim_drive(
        self, stuck: StuckPurchase, *, at: datetime, until: datetime
    ) -> bool:
        await self._fetch(stuck.id)
        return await super().claim_drive(stuck, at=at, until=until)

    async def note_drive_failure(self, purchase_id: PurchaseId) -> None:
        await self._fetch(purchase_id)
        await super().note_drive_failure(purchase_id)

    async def _fetch_all(self, purchase_ids: Iterable[PurchaseId]) -> None:
        for purchase_id in purchase_ids:
            await self._fetch(purchase_id)

    async def _fetch(self, purchase_id: PurchaseId) -> None:
        if purchase_id not in self.store.rows:
            with suppress(PurchaseNotFound):
                self._keep(await self.real.get(purchase_id))

    def _keep(self, purchase: Purchase | None) -> None:
        if purchase is not None and purchase.id not in self.store.rows:
            self.as_read[purchase.id] = purchase
            self.store.rows[purchase.id] = purchase


@closed
@dataclass(kw_only=True)
class RehearsedPrograms(InMemoryProgramRepository):
    """`held`: who really holds the spots of what was fetched."""

    real: ProgramRepository
    held: dict[ProgramId, frozenset[PurchaseId]] = field(default_factory=dict)

    async def add(self, program: Program) -> None:
        await self._fetch(program.id)
        await super().add(program)

    async def get(self, program_id: ProgramId) -> Program:
        await self._fetch(program_id)
        return await super().get(program_id)

    async def active_page(self, *, page: int, size: int) -> ProgramPage:
        """Return the real page: pages are looked at, and nothing is decided by them."""
        return await self.real.active_page(page=page, size=size)

    async def reserve_spot(
        self,
        program_id: ProgramId,
        purchase_id: PurchaseId,
        *,
        limit: int,
        revision: int | None = None,
    ) -> None:
        await self._fetch(program_id)
        await super().reserve_spot(
            program_id, purchase_id, limit=limit, revision=revision
        )

    async def release_spot(
        self, program_id: ProgramId, purchase_id: PurchaseId
    ) -> bool:
        await self._fetch(program_id)
        return await super().release_spot(program_id, purchase_id)

    async def spot_holders(self, program_id: ProgramId) -> frozenset[PurchaseId]:
        await self._fetch(program_id)
        return await super().spot_holders(program_id)

    async def ids_with_holders(
        self, *, after: ProgramId | None, limit: int
    ) -> Sequence[ProgramId]:
        for program_id in await self.real.ids_with_holders(after=after, limit=limit):
            await self._fetch(program_id)
        return await super().ids_with_holders(after=after, limit=limit)

    async def _fetch(self, program_id: ProgramId) -> None:
        if program_id in self.held:
            return
        self.held[program_id] = await self.real.spot_holders(program_id)
        self.holders[program_id] = self.held[program_id]
        with suppress(ProgramNotFound):
            self.stored[program_id] = await self.real.get(program_id)


@closed
@dataclass(kw_only=True)
class RehearsedEventLog(InMemoryEventLog):
    """`as_read`: the held events that were fetched, as they really are."""

    real: EventLog
    as_read: dict[str, HeldEvent] = field(default_factory=dict)

    async def quarantine(
        self, event: EventFacts, *, why: str, at: datetime, until: datetime
    ) -> bool:
        await self._fetch(event.id)
        return await super().quarantine(event, why=why, at=at, until=until)

    async def due(self, *, at: datetime, limit: int) -> Sequence[HeldEvent]:
        self._keep_all(await self.real.due(at=at, limit=limit))
        return await super().due(at=at, limit=limit)

    async def claim(self, held: HeldEvent, *, at: datetime, until: datetime) -> bool:
        await self._fetch(held.event.id)
        return await super().claim(held, at=at, until=until)

    async def put_off(
        self, held: HeldEvent, *, until: datetime, why: str | None = None
    ) -> bool:
        await self._fetch(held.event.id)
        return await super().put_off(held, until=until, why=why)

    async def resolve(self, event_id: str, *, outcome: str, at: datetime) -> bool:
        await self._fetch(event_id)
        return await super().resolve(event_id, outcome=outcome, at=at)

    async def give_up(self, event_id: str, *, at: datetime) -> bool:
        await self._fetch(event_id)
        return await super().give_up(event_id, at=at)

    async def note(self, event: EventFacts, *, outcome: str, at: datetime) -> None:
        await self._fetch(event.id)
        await super().note(event, outcome=outcome, at=at)

    async def get(self, event_id: str) -> HeldEvent | None:
        await self._fetch(event_id)
        return await super().get(event_id)

    async def held(self, *, limit: int) -> Sequence[HeldEvent]:
        self._keep_all(await self.real.held(limit=limit))
        return await super().held(limit=limit)

    async def page(self, *, page: int, size: int) -> Page[HeldEvent]:
        """Return the real page, as with programs."""
        return await self.real.page(page=page, size=size)

    def now_held(self) -> dict[str, HeldEvent]:
        return {name: row for name, row in self.rows.items() if row.state in HELD}

    async def _fetch(self, event_id: str) -> None:
        held = await self.real.get(event_id)
        self._keep_all([held] if held else [])

    def _keep_all(self, found: Iterable[HeldEvent]) -> None:
        for held in found:
            if held.event.id not in self.rows:
                self.as_read[held.event.id] = self.rows[held.event.id] = held


@dataclass(kw_only=True)
class RehearsedOrphans(InMemoryOrphanRepository):
    """`as_read`: the orphans that were fetched, as they really are."""

    real: OrphanRepository
    as_read: dict[str, Orphan] = field(default_factory=dict)

    async def record(self, orphan: Orphan) -> bool:
        await self._fetch(orphan.id)
        return await super().record(orphan)

    async def find(self, payment: str) -> Orphan | None:
        await self._fetch(payment)
        return await super().find(payment)

    async def get(self, payment: str) -> Orphan:
        await self._fetch(payment)
        return await super().get(payment)

    async def owing(self, *, at: datetime, limit: int) -> Sequence[OwingOrphan]:
        for each in await self.real.owing(at=at, limit=limit):
            await self._fetch(each.id)
        return await super().owing(at=at, limit=limit)

    async def open_orphans(self, *, limit: int) -> Sequence[Orphan]:
        self._keep(*await self.real.open_orphans(limit=limit))
        return await super().open_orphans(limit=limit)

    async def page(self, *, only_open: bool, page: int, size: int) -> Page[Orphan]:
        """Return the real page, as with programs."""
        return await self.real.page(only_open=only_open, page=page, size=size)

    async def claim_drive(self, payment: str, *, at: datetime, until: datetime) -> bool:
        await self._fetch(payment)
        return await super().claim_drive(payment, at=at, until=until)

    async def note_drive_failure(self, payment: str) -> None:
        await self._fetch(payment)
        await super().note_drive_failure(payment)

    async def swap(self, before: Orphan, after: Orphan) -> bool:
        await self._fetch(before.id)
        return await super().swap(before, after)

    async def _fetch(self, payment: str) -> None:
        found = await self.real.find(payment)
        if found is not None:
            self._keep(found)

    def _keep(self, *found: Orphan) -> None:
        for orphan in found:
            if orphan.id not in self.stored:
                self.as_read[orphan.id] = self.stored[orphan.id] = orphan
                self.claimed_until[orphan.id] = orphan.due_at
