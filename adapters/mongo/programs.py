import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from adapters.mongo.changes import replacing
from adapters.mongo.documents import ProgramDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.pages import read_page
from application.ports.programs import (
    ProgramExists,
    ProgramNotFound,
    ProgramPage,
    ProgramState,
    TermsChanged,
)
from application.ports.storage import StorageUnavailable
from domain.class_rep import SpotsExhausted, effective_limit, is_lower
from domain.ids import ProgramId, PurchaseId
from domain.program import Program

TRIES_MAX: Final = 3
FIRST: Final = 1  # revision
MADE_MAX: Final = 100  # programs; the one made longest ago makes room (invariant I20)
WITHOUT_SPOTS: Final = {"spots": 0}
NOT_ADMINS: Final = {"id", "schema_number", "class_rep_count"}
IN_STATE: Final[Mapping[ProgramState, Mapping[str, Any]]] = {
    ProgramState.ACTIVE: {"active": True},
    ProgramState.RETIRED: {"active": False},
    ProgramState.ALL: {},
}


class MongoProgramRepository:
    """Programs; what reads as it did before is not made anew.

    A checkout reads its program to see that nothing has changed, and nearly always
    nothing has: to compare two rows takes a hundredth of making a program of one.
    """

    def __init__(self) -> None:
        self._made: dict[ProgramId, tuple[Mapping[str, Any], Program]] = {}

    async def add(self, program: Program) -> None:
        try:
            with storage_errors():
                await ProgramDocument.from_domain(program).insert()
        except DuplicateKeyError as error:
            raise ProgramExists(program.id) from error

    async def get(self, program_id: ProgramId) -> Program:
        found = await self._find(program_id, WITHOUT_SPOTS)
        row, program = self._made.get(program_id, (None, None))
        if program is None or row != found:
            program = to_program(found)
            self._keep(program_id, found, program)
        return program

    async def active_page(self, *, page: int, size: int) -> ProgramPage:
        found, total = await read_page(
            ProgramDocument,
            {"active": True},
            sort=[("title", 1), ("_id", 1)],
            without=WITHOUT_SPOTS,
            page=page,
            size=size,
        )
        return ProgramPage(items=tuple(map(to_program, found)), total=total)

    async def page(
        self, *, state: ProgramState, search: str, page: int, size: int
    ) -> ProgramPage:
        found, total = await read_page(
            ProgramDocument,
            {**IN_STATE[state], **_naming(search)},
            sort=[("title", 1), ("_id", 1)],
            without=WITHOUT_SPOTS,
            page=page,
            size=size,
        )
        return ProgramPage(items=tuple(map(to_program, found)), total=total)

    async def change(self, before: Program, after: Program, *, drain: bool) -> bool:
        """Check and write in one; the fields that no admin changes are not named."""
        limit = after.terms.class_rep_limit
        only_if: dict[str, Any] = {"_id": before.id, "rev": _at_rest(before.revision)}
        if is_lower(limit, than=before.terms.class_rep_limit) and not drain:
            only_if["class_rep_count"] = {"$lte": effective_limit(limit)}
        fields = ProgramDocument.from_domain(after).model_dump(exclude=NOT_ADMINS)
        with storage_errors():
            result = await ProgramDocument.get_pymongo_collection().update_one(
                only_if, replacing(fields)
            )
        return result.matched_count == 1

    async def reserve_spot(
        self,
        program_id: ProgramId,
        purchase_id: PurchaseId,
        *,
        limit: int,
        revision: int | None = None,
    ) -> None:
        for _ in range(TRIES_MAX):
            if await self._take_spot(program_id, purchase_id, limit, revision):
                return
            # Nothing matched; a reading says why.  If it has no objection, the world
            # has moved since, and only another write can take the spot.
            found = await self._find(program_id, _spots_of(purchase_id))
            if found.get("spots"):
                return
            limit = _limit_with_room(program_id, found, revision)
        raise StorageUnavailable

    async def release_spot(
        self, program_id: ProgramId, purchase_id: PurchaseId
    ) -> bool:
        with storage_errors():
            result = await ProgramDocument.get_pymongo_collection().update_one(
                {"_id": program_id, "spots": purchase_id},
                {"$pull": {"spots": purchase_id}, "$inc": {"class_rep_count": -1}},
            )
        return result.matched_count == 1

    async def spot_holders(self, program_id: ProgramId) -> frozenset[PurchaseId]:
        with storage_errors():
            found = await ProgramDocument.get_pymongo_collection().find_one(
                {"_id": program_id}, {"spots": 1}
            )
        return frozenset(map(PurchaseId, (found or {}).get("spots", ())))

    async def ids_with_holders(
        self, *, after: ProgramId | None, limit: int
    ) -> Sequence[ProgramId]:
        only_if: dict[str, Any] = {"class_rep_count": {"$gt": 0}}
        if after is not None:
            only_if["_id"] = {"$gt": after}
        with storage_errors():
            found = await (
                ProgramDocument.get_pymongo_collection()
                .find(only_if, {"_id": 1})
                .sort([("_id", 1)])
                .limit(limit)
                .to_list()
            )
        return [ProgramId(row["_id"]) for row in found]

    async def _take_spot(
        self,
        program_id: ProgramId,
        purchase_id: PurchaseId,
        limit: int,
        revision: int | None,
    ) -> bool:
        """Check and take in one write: MongoDB decides who gets the last spot.

        The filter is flat, with the limit as a plain value: `$expr` could compare the
        two fields but costs a scan on the embedded server.
        """
        under = {} if revision is None else {"rev": _at_rest(revision)}
        with storage_errors():
            result = await ProgramDocument.get_pymongo_collection().update_one(
                {
                    "_id": program_id,
                    "active": True,
                    "class_rep_limit": limit,
                    "class_rep_count": {"$lt": effective_limit(limit)},
                    "spots": {"$ne": purchase_id},
                    **under,
                },
                {"$push": {"spots": purchase_id}, "$inc": {"class_rep_count": 1}},
            )
        return result.matched_count == 1

    def _keep(
        self, program_id: ProgramId, row: Mapping[str, Any], program: Program
    ) -> None:
        self._made.pop(program_id, None)
        self._made[program_id] = row, program
        if len(self._made) > MADE_MAX:
            del self._made[next(iter(self._made))]

    async def _find(
        self, program_id: ProgramId, projection: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        with storage_errors():
            found: (
                Mapping[str, Any] | None
            ) = await ProgramDocument.get_pymongo_collection().find_one(
                {"_id": program_id}, projection
            )
        if found is None:
            raise ProgramNotFound(program_id)
        return found


def to_program(row: Mapping[str, Any]) -> Program:
    document: ProgramDocument = ProgramDocument.model_validate(row)
    return document.to_domain()


def _naming(search: str) -> Mapping[str, Any]:
    """Match a part of a title or an id; programs are few, so a scan is no matter."""
    if not search:
        return {}
    part = {"$regex": re.escape(search), "$options": "i"}
    return {"$or": [{"title": part}, {"_id": part}]}


def _spots_of(purchase_id: PurchaseId) -> Mapping[str, Any]:
    """Read what decides about a spot; of the spots, only the purchase's own."""
    return {
        "active": 1,
        "rev": 1,
        "class_rep_limit": 1,
        "class_rep_count": 1,
        "spots": {"$elemMatch": {"$eq": purchase_id}},
    }


def _at_rest(revision: int) -> Any:
    """Match a revision; a row that has none yet is at the first."""
    return {"$in": [FIRST, None]} if revision == FIRST else revision


def _limit_with_room(
    program_id: ProgramId, found: Mapping[str, Any], revision: int | None
) -> int:
    """Return the present limit, if the program is for sale and has a free spot."""
    limit: int = found["class_rep_limit"]
    if not found["active"]:
        raise ProgramNotFound(program_id)
    if revision not in {None, found.get("rev", FIRST)}:
        raise TermsChanged(program_id)
    if found["class_rep_count"] >= effective_limit(limit):
        raise SpotsExhausted(limit=limit)
    return limit
