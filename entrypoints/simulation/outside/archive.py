from dataclasses import dataclass

from application.ports.archive import (
    DEPTH_MAX,
    ArchivePage,
    ArchiveQuery,
    PurchaseFile,
    spellings_of,
)
from domain.differences import is_troubled
from domain.ids import PurchaseId
from domain.purchase import Purchase
from entrypoints.simulation.outside.gates import Gate, give_way, passing
from entrypoints.simulation.outside.programs import InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import PurchaseStore, intents_of


@dataclass(kw_only=True)
class InMemoryPurchaseArchive:
    """Reads what the repositories of purchases and programs store."""

    programs: InMemoryProgramRepository
    store: PurchaseStore
    gate: Gate = give_way

    async def page(self, query: ArchiveQuery, *, page: int, size: int) -> ArchivePage:
        async with passing(self.gate, "archive.page"):
            rows = [row for row in self._named(query.search) if _fits(row, query)]
            rows.sort(key=lambda row: (row.created_at, row.id), reverse=True)
            rows = rows[:DEPTH_MAX]
            items = tuple(rows[(page - 1) * size : page * size])
            return ArchivePage(items=items, total=len(rows))

    async def file_of(self, purchase_id: PurchaseId) -> PurchaseFile:
        async with passing(self.gate, "archive.file_of"):
            store = self.store
            return PurchaseFile(
                purchase=store.get(purchase_id),
                log=tuple(e for id_, e in store.entries if id_ == purchase_id),
                acts=tuple(act for id_, act in store.acts if id_ == purchase_id),
            )

    def _named(self, search: str) -> list[Purchase]:
        rows = list(self.store.rows.values())
        if not search:
            return rows
        spellings = spellings_of(search)
        readings = (
            [row for row in rows if row.id == search],
            [row for row in rows if row.order_number == search.upper()],
            [row for row in rows if row.buyer.id == search],
            [row for row in rows if row.buyer.email in {search, search.lower()}],
            [row for row in rows if row.session and row.session.id == search],
            [row for row in rows if search in intents_of(row)],
            *([r for r in rows if r.buyer.name.startswith(s)] for s in spellings),
            *([r for r in rows if self._title(r).startswith(s)] for s in spellings),
        )
        return next((found for found in readings if found), [])

    def _title(self, row: Purchase) -> str:
        program = self.programs.stored.get(row.program.id)
        return program.title if program else ""


def _fits(row: Purchase, query: ArchiveQuery) -> bool:
    since, until = query.since, query.until
    return (
        (not query.statuses or row.status in query.statuses)
        and query.refund_failed in {None, row.last_refund_failed}
        and query.program_id in {None, row.program.id}
        and query.is_class_rep in {None, row.is_class_rep}
        and (row.has_open_money or not query.has_open_money)
        and (is_troubled(row) or not query.is_troubled)
        and (since is None or row.created_at >= since)
        and (until is None or row.created_at < until)
    )
