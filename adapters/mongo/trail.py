from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any, Final
from uuid import uuid4

import structlog
from pymongo.errors import BulkWriteError

from adapters.mongo.errors import storage_errors
from adapters.mongo.history_documents import TrailDocument, trail_row
from adapters.mongo.odd_rows import readable_of
from application.ports.trail import TrailEntry

ROOM: Final = 10_000  # entries that may wait in one process
OF_ONE_MAX: Final = 200  # of them about one thing: nobody crowds the others out
WRITTEN_AT_ONCE: Final = 500
DUPLICATE: Final = 11000

log = structlog.get_logger(__name__)


class MongoTrail:
    """Keeps entries in memory and writes them in batches.

    Each has its id from the start: written twice, after an answer that was lost, it is
    there once.
    """

    def __init__(self, *, room: int = ROOM, of_one: int = OF_ONE_MAX) -> None:
        self._room = room
        self._of_one = of_one
        self._waiting: dict[str, TrailEntry] = {}
        self._about: Counter[str] = Counter()
        self._left_out = 0

    def note(self, entry: TrailEntry) -> None:
        about = _about(entry)
        if len(self._waiting) >= self._room or self._about[about] >= self._of_one:
            self._left_out += 1
            return
        self._about[about] += 1
        self._waiting[uuid4().hex] = entry

    async def flush(self) -> None:
        while batch := dict(islice(self._waiting.items(), WRITTEN_AT_ONCE)):
            await _insert([trail_row(id_, entry) for id_, entry in batch.items()])
            self._forget(batch)
        if self._left_out:
            log.warning("history left out", entries=self._left_out)
            self._left_out = 0

    async def of(
        self, subjects: Collection[str], *, limit: int
    ) -> Sequence[TrailEntry]:
        wanted = frozenset(subjects)
        waiting = {
            id_: entry
            for id_, entry in self._waiting.items()
            if not wanted.isdisjoint(entry.subjects)
        }
        with storage_errors():
            rows = await (
                TrailDocument.get_pymongo_collection()
                .find({"subjects": {"$in": sorted(wanted)}})
                .sort([("at", -1)])
                .limit(limit)
                .batch_size(limit)
                .to_list()
            )
        # What was written while we read is in both.
        written = [row for row in rows if row["_id"] not in waiting]
        entries = [*readable_of(written, _entry), *waiting.values()]
        return sorted(entries, key=lambda entry: entry.at)[-limit:]

    def _forget(self, batch: Mapping[str, TrailEntry]) -> None:
        for id_ in batch:
            entry = self._waiting.pop(id_, None)
            if entry is not None:
                self._about[_about(entry)] -= 1
        self._about += Counter()  # drop what fell to zero


def _about(entry: TrailEntry) -> str:
    return entry.subjects[0] if entry.subjects else ""


async def _insert(rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert what is not there yet."""
    with storage_errors():
        try:
            await TrailDocument.get_pymongo_collection().insert_many(
                rows, ordered=False
            )
        except BulkWriteError as error:
            refused = (error.details or {}).get("writeErrors", ())
            if any(each["code"] != DUPLICATE for each in refused) or not refused:
                raise


def _entry(row: Mapping[str, Any]) -> TrailEntry:
    document: TrailDocument = TrailDocument.model_validate(row)
    return document.to_entry()
