from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from adapters.mongo.errors import storage_errors
from adapters.mongo.finding_document import FindingDocument
from adapters.mongo.odd_rows import readable_of
from adapters.mongo.pages import read_page
from application.ports.findings import KnownFinding
from application.ports.pages import Page
from application.ports.storage import StorageUnavailable
from domain.findings import Finding

TRIES_MAX: Final = 3
OPEN: Final = {"open": True}
OF_THE_OPEN: Final = ("open", "told", "told_at", "telling_until")
ABSENT: Final = {"$exists": False}
WORST_FIRST: Final = [("rank", 1), ("first_seen", 1), ("_id", 1)]


class MongoFindingRepository:
    async def note(self, finding: Finding, *, at: datetime) -> KnownFinding:
        seen = {
            "evidence": dict(finding.evidence),
            "severity": finding.severity,
            "rank": -finding.severity,
        }
        for _ in range(TRIES_MAX):
            row = await _update(
                {"_id": finding.id, **OPEN},
                {"$set": seen, "$max": {"last_seen": at}, "$inc": {"times": 1}},
            )
            if row is not None:
                return _known(row)
            if await self._begin(finding, seen, at=at):
                return KnownFinding(finding=finding, first_seen=at, last_seen=at)
            # Begun or gone in between: whichever, it can be noted now.
        raise StorageUnavailable

    async def claim_telling(
        self, known: KnownFinding, *, at: datetime, until: datetime
    ) -> bool:
        told = known.told
        claimed = await _update(
            {
                "_id": known.finding.id,
                **OPEN,
                "told": told.severity if told else ABSENT,
                "told_at": told.at if told and told.at else ABSENT,
                "telling_until": {"$not": {"$gt": at}},
            },
            {"$set": {"telling_until": until}},
        )
        return claimed is not None

    async def mark_told(
        self, finding: Finding, *, claim: datetime, at: datetime
    ) -> None:
        await _update(
            _claimed(finding.id, claim),
            {
                "$max": {"told": finding.severity, "told_at": at},
                "$unset": {"telling_until": ""},
            },
        )

    async def put_off_telling(
        self, finding_id: str, *, claim: datetime, until: datetime
    ) -> None:
        await _update(_claimed(finding_id, claim), {"$set": {"telling_until": until}})

    async def give_up_telling(self, finding_id: str, *, claim: datetime) -> None:
        await _update(_claimed(finding_id, claim), {"$unset": {"telling_until": ""}})

    async def left_untold(self, *, at: datetime, limit: int) -> Sequence[KnownFinding]:
        return await _found(
            {"telling_until": {"$lte": at}},  # which only an open one has
            sort=[("telling_until", 1)],
            limit=limit,
        )

    async def mark_gone(self, finding_id: str, *, at: datetime) -> bool:
        gone = await _update(
            {"_id": finding_id, **OPEN, "last_seen": {"$lt": at}},
            {"$set": {"gone_at": at}, "$unset": dict.fromkeys(OF_THE_OPEN, "")},
        )
        return gone is not None

    async def open(self, *, limit: int) -> Sequence[KnownFinding]:
        return await _found(OPEN, sort=WORST_FIRST, limit=limit)

    async def page(self, *, page: int, size: int) -> Page[KnownFinding]:
        found, total = await read_page(
            FindingDocument, OPEN, sort=WORST_FIRST, without={}, page=page, size=size
        )
        return Page(items=tuple(readable_of(found, _known)), total=total)

    async def get(self, finding_id: str) -> KnownFinding | None:
        with storage_errors():
            found = await FindingDocument.get_pymongo_collection().find_one(
                {"_id": finding_id}
            )
        return None if found is None else _known(found)

    async def _begin(
        self, finding: Finding, seen: Mapping[str, Any], *, at: datetime
    ) -> bool:
        """Write it for the first time, or again after it was gone."""
        fresh = {
            **seen,
            "kind": finding.kind,
            "subject": finding.subject,
            "open": True,
            "first_seen": at,
            "last_seen": at,
            "times": 1,
        }
        try:
            with storage_errors():
                # Where it matches nothing it inserts, and if the finding is open after
                # all, its id refuses.
                await FindingDocument.get_pymongo_collection().update_one(
                    {"_id": finding.id, "gone_at": {"$exists": True}},
                    {"$set": fresh, "$unset": {"gone_at": ""}},
                    upsert=True,
                )
        except DuplicateKeyError:
            return False
        return True


def _claimed(finding_id: str, claim: datetime) -> Mapping[str, Any]:
    return {"_id": finding_id, **OPEN, "telling_until": claim}


async def _found(
    only_if: Mapping[str, Any], *, sort: Sequence[tuple[str, int]], limit: int
) -> Sequence[KnownFinding]:
    with storage_errors():
        found = await (
            FindingDocument.get_pymongo_collection()
            .find(only_if)
            .sort(list(sort))
            .limit(limit)
            .to_list()
        )
    return list(readable_of(found, _known))


async def _update(
    only_if: Mapping[str, Any], update: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Write under a condition, and return the row as it is; None: it did not hold."""
    with storage_errors():
        return await FindingDocument.get_pymongo_collection().find_one_and_update(
            only_if, update, return_document=ReturnDocument.AFTER
        )


def _known(row: Mapping[str, Any]) -> KnownFinding:
    document: FindingDocument = FindingDocument.model_validate(row)
    return document.to_domain()
