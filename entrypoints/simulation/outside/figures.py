from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from application.ports.figures import MoneyOfDay, SpotsOfProgram, StatusCounts
from domain.day_ledger import day_of
from domain.program import Program
from domain.purchase import AWAITING_PAYMENT, Status
from domain.refunds import RefundState
from entrypoints.simulation.outside.gates import Gate, give_way, passing
from entrypoints.simulation.outside.programs import NOBODY, InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import PurchaseStore


@dataclass(kw_only=True)
class InMemoryFigures:
    """Reads what the repositories of purchases and programs store."""

    programs: InMemoryProgramRepository
    store: PurchaseStore
    gate: Gate = give_way

    async def status_counts(self) -> StatusCounts:
        async with passing(self.gate, "figures.status_counts"):
            rows = list(self.store.rows.values())
            counts = Counter(row.status for row in rows)
            return StatusCounts(
                by_status={status: counts[status] for status in Status},
                refund_failed=sum(row.last_refund_failed for row in rows),
            )

    async def money_by_day(self, *, since: datetime) -> Sequence[MoneyOfDay]:
        async with passing(self.gate, "figures.money_by_day"):
            came, went = self._came(since), self._went(since)
            return [
                MoneyOfDay(
                    day=day,
                    currency=currency,
                    came=came[day, currency],
                    went=went[day, currency],
                )
                for day, currency in sorted(came.keys() | went.keys())
            ]

    async def spots(self, *, limit: int) -> Sequence[SpotsOfProgram]:
        async with passing(self.gate, "figures.spots"):
            programs = [p for p in self.programs.stored.values() if p.is_active]
            programs.sort(key=lambda program: (program.title, program.id))
            return [self._spots(program) for program in programs[:limit]]

    def _came(self, since: datetime) -> Counter[tuple[date, str]]:
        sums: Counter[tuple[date, str]] = Counter()
        for row in self.store.rows.values():
            if row.paid and row.completed_at and row.completed_at >= since:
                money = row.paid.amount
                sums[day_of(row.completed_at), money.currency.code] += money.amount
        return sums

    def _went(self, since: datetime) -> Counter[tuple[date, str]]:
        sums: Counter[tuple[date, str]] = Counter()
        for row in self.store.rows.values():
            for refund in row.refunds:
                at = self.store.given_back.get((row.id, refund.id))
                if at and at >= since and refund.state is RefundState.DONE:
                    money = refund.amount
                    sums[day_of(at), money.currency.code] += money.amount
        return sums

    def _spots(self, program: Program) -> SpotsOfProgram:
        taken = len(self.programs.holders.get(program.id, NOBODY))
        waiting = sum(
            row.is_class_rep and row.status in AWAITING_PAYMENT
            for row in self.store.rows.values()
            if row.program.id == program.id
        )
        held = min(waiting, taken)
        return SpotsOfProgram(
            program_id=program.id,
            title=program.title,
            limit=program.terms.class_rep_limit or None,
            held=held,
            paid=taken - held,
        )
