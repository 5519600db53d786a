from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from application.ports.archive import LogEntry
from application.ports.purchases import (
    AdminAct,
    LivePurchaseExists,
    Noted,
    OrderNumberTaken,
    OwingPurchase,
    PurchaseNotFound,
    PurchasePage,
    StuckPurchase,
)
from domain.anonymity import Standing, anonymised, standing_of
from domain.ids import BuyerId, ProgramId, PurchaseId, SessionId
from domain.outbox import MailState, Notice, OutgoingMail
from domain.purchase import (
    AWAITING_PAYMENT,
    IllegalTransition,
    PaymentMethod,
    Purchase,
    Status,
)
from domain.refunds import EXTRA_PAYMENTS_MAX, ExtraPayment, RefundState
from domain.transitions import Transition
from entrypoints.simulation.outside.gates import Gate, give_way, passing
from entrypoints.simulation.outside.rows import left_since, only_waits


@dataclass
class PurchaseStore:
    """What purchases and their outbox share: the rows, as one database would."""

    rows: dict[PurchaseId, Purchase] = field(default_factory=dict)
    looked_at: dict[PurchaseId, datetime] = field(default_factory=dict)
    driven_until: dict[PurchaseId, datetime] = field(default_factory=dict)
    drive_failures: Counter[PurchaseId] = field(default_factory=Counter)
    log: list[tuple[PurchaseId, Status, str]] = field(default_factory=list)
    acts: list[tuple[PurchaseId, AdminAct]] = field(default_factory=list)
    entries: list[tuple[PurchaseId, LogEntry]] = field(default_factory=list)
    given_back: dict[tuple[PurchaseId, str], datetime] = field(default_factory=dict)

    def due_at(self, row: Purchase) -> tuple[datetime, PurchaseId]:
        return self.driven_until.get(row.id, row.updated_at), row.id

    def is_claimed(self, purchase_id: PurchaseId, at: datetime) -> bool:
        until = self.driven_until.get(purchase_id)
        return until is not None and until > at

    def note_refunds(self, before: Purchase, after: Purchase, *, at: datetime) -> None:
        """Keep when each refund was learnt to have gone back."""
        old = {row.id for row in before.refunds if row.state is RefundState.DONE}
        for row in after.refunds:
            if row.state is RefundState.DONE and row.id not in old:
                self.given_back[after.id, row.id] = at

    def record(
        self, after: Purchase, sources: Collection[Status], *, at: datetime, by: str
    ) -> None:
        """Keep a change of state, as a purchase's own log does."""
        froms = tuple(sorted(map(str, sources)))
        entry = LogEntry(at=at, sources=froms, target=str(after.status), by=by)
        self.entries.append((after.id, entry))

    def get(self, purchase_id: PurchaseId) -> Purchase:
        try:
            return self.rows[purchase_id]
        except KeyError:
            raise PurchaseNotFound from None

    def put(self, purchase: Purchase) -> None:
        """Store a row, unless two would then share a session, as an index would."""
        others = [row for row in self.rows.values() if row.id != purchase.id]
        session = purchase.session
        if session and any(o.session and o.session.id == session.id for o in others):
            raise ValueError(f"two purchases of session {session.id}")
        self.rows[purchase.id] = purchase


@dataclass(kw_only=True)
class InMemoryPurchaseRepository:
    gate: Gate = give_way
    store: PurchaseStore = field(default_factory=PurchaseStore)

    async def add(self, purchase: Purchase) -> None:
        async with passing(self.gate, "purchases.add"):
            if self._live(purchase.buyer.id, purchase.program.id):
                raise LivePurchaseExists
            if purchase.id in self.store.rows:
                return
            rows = self.store.rows.values()
            if any(row.order_number == purchase.order_number for row in rows):
                raise OrderNumberTaken
            self.store.put(purchase)

    async def get(self, purchase_id: PurchaseId) -> Purchase:
        async with passing(self.gate, "purchases.get"):
            return self.store.get(purchase_id)

    async def find_live(
        self, *, buyer_id: BuyerId, program_id: ProgramId
    ) -> Purchase | None:
        async with passing(self.gate, "purchases.find_live"):
            return self._live(buyer_id, program_id)

    async def find_by_session(self, session_id: SessionId) -> Purchase | None:
        async with passing(self.gate, "purchases.find_by_session"):
            for row in self.store.rows.values():
                if row.session is not None and row.session.id == session_id:
                    return row
            return None

    async def find_by_payment_intent(self, payment_intent: str) -> Purchase | None:
        async with passing(self.gate, "purchases.find_by_payment_intent"):
            for row in self.store.rows.values():
                if payment_intent in intents_of(row):
                    return row
            return None

    async def owing(self, *, at: datetime, limit: int) -> Sequence[OwingPurchase]:
        async with passing(self.gate, "purchases.owing"):
            rows = [
                row
                for row in self.store.rows.values()
                if row.has_open_money and not self.store.is_claimed(row.id, at)
            ]
            rows.sort(key=self.store.due_at)
            failures = self.store.drive_failures
            return [
                OwingPurchase(
                    id=row.id,
                    status=row.status,
                    failures=failures[row.id],
                    only_waits=only_waits(row),
                )
                for row in rows[:limit]
            ]

    async def unsettled(self, *, limit: int) -> Sequence[Purchase]:
        async with passing(self.gate, "purchases.unsettled"):
            aged = [
                (row.unsettled_since, row.id, row)
                for row in self.store.rows.values()
                if row.unsettled_since is not None
            ]
            return [row for *_, row in sorted(aged, key=lambda each: each[:2])][:limit]

    async def terminal_among(
        self, purchase_ids: Collection[PurchaseId]
    ) -> frozenset[PurchaseId]:
        async with passing(self.gate, "purchases.terminal_among"):
            rows = self.store.rows
            known = (rows[id_] for id_ in purchase_ids if id_ in rows)
            return frozenset(row.id for row in known if row.is_terminal)

    async def page_of(
        self,
        buyer_id: BuyerId,
        *,
        statuses: Collection[Status],
        page: int,
        size: int,
    ) -> PurchasePage:
        async with passing(self.gate, "purchases.page_of"):
            rows = [
                row
                for row in self.store.rows.values()
                if row.buyer.id == buyer_id and row.status in statuses
            ]
            rows.sort(key=lambda row: (row.created_at, row.id), reverse=True)
            items = tuple(rows[(page - 1) * size : page * size])
            return PurchasePage(items=items, total=len(rows))

    async def abandoned_at(
        self,
        *,
        buyer_id: BuyerId,
        program_id: ProgramId,
        since: datetime,
        limit: int,
    ) -> Sequence[datetime]:
        async with passing(self.gate, "purchases.abandoned_at"):
            rows = left_since(since, self.store.rows.values())
            whose = buyer_id, program_id
            theirs = [r.updated_at for r in rows if (r.buyer.id, r.program.id) == whose]
            return sorted(theirs, reverse=True)[:limit]

    async def abandoned_since(
        self, since: datetime, *, limit: int
    ) -> Sequence[tuple[BuyerId, ProgramId]] | None:
        async with passing(self.gate, "purchases.abandoned_since"):
            rows = left_since(since, self.store.rows.values())
            whose = [(row.buyer.id, row.program.id) for row in rows]
            return None if len(whose) > limit else whose

    async def change(
        self, purchase_id: PurchaseId, transition: Transition, *, at: datetime, by: str
    ) -> bool:
        async with passing(self.gate, "purchases.change"):
            try:
                after = self.store.get(purchase_id).after(transition, at=at)
            except (IllegalTransition, PurchaseNotFound):
                return False
            self.store.put(after)
            self.store.log.append((purchase_id, after.status, by))
            self.store.record(after, transition.sources, at=at, by=by)
            return True

    async def note_extra_payment(
        self, purchase_id: PurchaseId, payment: ExtraPayment, *, at: datetime
    ) -> Noted:
        async with passing(self.gate, "purchases.note_extra_payment"):
            row = self.store.get(purchase_id)
            noted = row.extra_payments
            if any(extra.session_id == payment.session_id for extra in noted):
                return Noted.BEFORE
            if len(noted) >= EXTRA_PAYMENTS_MAX:
                return Noted.NO_ROOM
            extras = (*noted, payment)
            self.store.put(
                replace(
                    row,
                    extra_payments=extras,
                    unsettled_since=row.unsettled_since or at,
                    updated_at=at,
                    money_revision=row.money_revision + 1,
                )
            )
            return Noted.NEW

    async def swap_money(
        self, before: Purchase, after: Purchase, *, at: datetime, by: str
    ) -> bool:
        async with passing(self.gate, "purchases.swap_money"):
            row = self.store.rows.get(before.id)
            as_read = (before.status, before.money_revision)
            if row is None or (row.status, row.money_revision) != as_read:
                return False
            self.store.put(
                replace(
                    row,
                    status=after.status,
                    refunds=after.refunds,
                    extra_payments=after.extra_payments,
                    dispute=after.dispute,
                    notices=(*row.notices, *after.notices[len(row.notices) :]),
                    unsettled_since=after.unsettled_since,
                    updated_at=at,
                    money_revision=row.money_revision + 1,
                )
            )
            self.store.note_refunds(before, after, at=at)
            if after.status is not before.status:
                self.store.log.append((before.id, after.status, by))
                self.store.record(after, {before.status}, at=at, by=by)
            return True

    async def note_processing(self, purchase_id: PurchaseId, *, at: datetime) -> None:
        async with passing(self.gate, "purchases.note_processing"):
            row = self.store.rows.get(purchase_id)
            if row is not None and row.status in AWAITING_PAYMENT:
                self.store.put(replace(row, is_processing=True, updated_at=at))

    async def note_payment_method(
        self, purchase_id: PurchaseId, method: PaymentMethod
    ) -> None:
        async with passing(self.gate, "purchases.note_payment_method"):
            row = self.store.rows.get(purchase_id)
            if row is not None:
                self.store.put(replace(row, payment_method=method))

    async def note_act(self, purchase_id: PurchaseId, act: AdminAct) -> None:
        async with passing(self.gate, "purchases.note_act"):
            self.store.get(purchase_id)
            self.store.acts.append((purchase_id, act))

    async def anonymise(self, purchase: Purchase) -> bool:
        async with passing(self.gate, "purchases.anonymise"):
            row = self.store.rows.get(purchase.id)
            if row is None or standing_of(row) is not Standing.READY:
                return False
            as_read = (purchase.status, purchase.money_revision)
            if (row.status, row.money_revision) != as_read:
                return False
            self.store.put(anonymised(row))
            return True

    async def claim_look(
        self, purchase_id: PurchaseId, *, at: datetime, not_since: datetime
    ) -> bool:
        async with passing(self.gate, "purchases.claim_look"):
            last = self.store.looked_at.get(purchase_id)
            was_lately = last is not None and last > not_since
            if purchase_id not in self.store.rows or was_lately:
                return False
            self.store.looked_at[purchase_id] = at
            return True

    async def stuck(
        self,
        statuses: Collection[Status],
        *,
        before: datetime,
        at: datetime,
        limit: int,
    ) -> Sequence[StuckPurchase]:
        async with passing(self.gate, "purchases.stuck"):
            rows = [
                row
                for row in self.store.rows.values()
                if row.status in statuses
                and row.updated_at <= before
                and not self.store.is_claimed(row.id, at)
            ]
            rows.sort(key=self.store.due_at)
            failures = self.store.drive_failures
            return [
                StuckPurchase(id=row.id, status=row.status, failures=failures[row.id])
                for row in rows[:limit]
            ]

    async def claim_drive(
        self, stuck: StuckPurchase, *, at: datetime, until: datetime
    ) -> bool:
        async with passing(self.gate, "purchases.claim_drive"):
            row = self.store.rows.get(stuck.id)
            has_moved = row is None or row.status is not stuck.status
            if has_moved or self.store.is_claimed(stuck.id, at):
                return False
            self.store.driven_until[stuck.id] = until
            return True

    async def note_drive_failure(self, purchase_id: PurchaseId) -> None:
        async with passing(self.gate, "purchases.note_drive_failure"):
            if purchase_id in self.store.rows:
                self.store.drive_failures[purchase_id] += 1

    def _live(self, buyer_id: BuyerId, program_id: ProgramId) -> Purchase | None:
        for row in self.store.rows.values():
            is_theirs = (row.buyer.id, row.program.id) == (buyer_id, program_id)
            if is_theirs and row.is_live:
                return row
        return None


def intents_of(purchase: Purchase) -> set[str | None]:
    paid = purchase.paid
    own = {paid.payment_intent} if paid else set()
    return own | {extra.payment_intent for extra in purchase.extra_payments}


@dataclass(kw_only=True)
class InMemoryMailOutbox:
    """Reads and writes the store of an `InMemoryPurchaseRepository`."""

    store: PurchaseStore
    gate: Gate = give_way

    async def due(self, *, at: datetime, limit: int) -> Sequence[Purchase]:
        async with passing(self.gate, "outbox.due"):
            due = [
                (min(mail.until for mail in waiting), row.id, row)
                for row in self.store.rows.values()
                if (waiting := [mail for mail in row.mails if mail.is_due(at)])
            ]
            return [row for *_, row in sorted(due, key=lambda d: d[:2])][:limit]

    async def unsent(self, *, limit: int) -> Sequence[Purchase]:
        async with passing(self.gate, "outbox.unsent"):
            found = [
                row
                for row in self.store.rows.values()
                if any(mail.state is not MailState.SENT for mail in row.mails)
            ]
            return found[:limit]

    async def swap(
        self, purchase_id: PurchaseId, before: OutgoingMail, after: OutgoingMail
    ) -> bool:
        async with passing(self.gate, "outbox.swap"):
            row = self.store.rows.get(purchase_id)
            if row is None or before not in row.mails:
                return False
            self.store.put(_with_mail(row, after))
            return True


def _with_mail(row: Purchase, mail: OutgoingMail) -> Purchase:
    if not isinstance(mail, Notice):
        return replace(row, confirmation=mail)
    others = row.notices
    notices = (*others[: mail.place], mail, *others[mail.place + 1 :])
    return replace(row, notices=notices)
