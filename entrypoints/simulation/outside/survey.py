from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from application.ports.survey import SurveyedPurchase
from domain.differences import is_restless
from domain.ids import ProgramId, PurchaseId
from domain.spot_books import SpotBook
from entrypoints.simulation.outside.gates import Gate, give_way, passing
from entrypoints.simulation.outside.programs import NOBODY, InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import PurchaseStore, intents_of


@dataclass(kw_only=True)
class InMemorySurvey:
    """Reads what the repositories of purchases and programs store."""

    programs: InMemoryProgramRepository
    store: PurchaseStore
    gate: Gate = give_way

    async def restless(
        self, *, after: PurchaseId | None, limit: int
    ) -> Sequence[SurveyedPurchase]:
        async with passing(self.gate, "survey.restless"):
            rows = sorted(self.store.rows.values(), key=lambda row: row.id)
            later = (row for row in rows if after is None or row.id > after)
            return [row for row in later if is_restless(row)][:limit]

    async def among(
        self, purchase_ids: Collection[PurchaseId]
    ) -> Sequence[SurveyedPurchase]:
        async with passing(self.gate, "survey.among"):
            rows = self.store.rows
            return [rows[id_] for id_ in purchase_ids if id_ in rows]

    async def paid_by(
        self, payment_intents: Collection[str]
    ) -> Mapping[str, SurveyedPurchase]:
        async with passing(self.gate, "survey.paid_by"):
            return {
                intent: row
                for row in self.store.rows.values()
                for intent in intents_of(row)
                if intent is not None and intent in payment_intents
            }

    async def live_reps(self, program_id: ProgramId) -> frozenset[PurchaseId]:
        async with passing(self.gate, "survey.live_reps"):
            rows = self.store.rows.values()
            theirs = (row for row in rows if row.program.id == program_id)
            return frozenset(row.id for row in theirs if row.holds_a_spot)

    async def spot_books(
        self, *, after: ProgramId | None, limit: int
    ) -> Sequence[SpotBook]:
        async with passing(self.gate, "survey.spot_books"):
            ids = sorted(self.programs.stored)
            later = [id_ for id_ in ids if after is None or id_ > after]
            return [self._book(id_) for id_ in later[:limit]]

    async def spot_book(self, program_id: ProgramId) -> SpotBook | None:
        async with passing(self.gate, "survey.spot_book"):
            is_known = program_id in self.programs.stored
            return self._book(program_id) if is_known else None

    async def paid_spots(
        self, program_ids: Collection[ProgramId]
    ) -> Mapping[ProgramId, int]:
        async with passing(self.gate, "survey.paid_spots"):
            rows = self.store.rows.values()
            paid = (row.program.id for row in rows if row.is_class_rep and row.is_owned)
            return Counter(
                program_id for program_id in paid if program_id in program_ids
            )

    def _book(self, program_id: ProgramId) -> SpotBook:
        holders = self.programs.holders.get(program_id, NOBODY)
        drift = self.programs.drift[program_id]
        return SpotBook(
            program_id=program_id,
            holders=tuple(sorted(holders)),
            count=len(holders) + drift,
        )
