"""Look at the database: that it answers, keeps what is written, and can be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from application.ports.health import StorageHealth, StorageUnfit
from application.ports.probes import Shapes, StorageProbe, WriteDoubtful
from application.ports.storage import StorageUnavailable
from domain.checkups import Checkup

ROWS_MAX: Final = 2000  # of each collection
SHOWN_MAX: Final = 5
REACH_IT: Final = (
    "See that it runs, and that MONGODB_URI names it, with a user who may read and"
    " write MONGODB_DATABASE."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDatabase:
    """An embedded database is for demos: one process, one disk, no backup of its own.

    Args:
        is_production: the setting APP_ENV.
        probe: how to look.
    """

    is_production: bool
    probe: StorageProbe
    name: str = "database"

    async def __call__(self) -> Checkup:
        try:
            facts = await self.probe.facts()
        except StorageUnavailable as error:
            return Checkup.broken(self.name, f"{error}{_cause(error)}", REACH_IT)
        if facts.is_embedded and self.is_production:
            return Checkup.broken(
                self.name,
                "It is the embedded one, which is for demos.",
                "Set MONGODB_URI to a MongoDB of your own.",
            )
        kind = "an embedded one" if facts.is_embedded else "a MongoDB"
        beside = f", {facts.members} members" if facts.members > 1 else ""
        return Checkup.fine(self.name, f"It answers: {kind}{beside}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIndexes:
    health: StorageHealth
    name: str = "indexes"

    async def __call__(self) -> Checkup:
        try:
            await self.health.check()
        except StorageUnfit as error:
            return Checkup.broken(
                self.name,
                str(error),
                "Run what it says, or start the service, which makes absent ones.",
            )
        return Checkup.fine(self.name, "Every index that a rule rests on is there.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWrites:
    """A promise is all that can be seen: what a disk does with it shows in a fall."""

    probe: StorageProbe
    name: str = "writes"

    async def __call__(self) -> Checkup:
        try:
            await self.probe.try_writing()
        except WriteDoubtful as error:
            return Checkup.broken(
                self.name,
                str(error),
                "See that a majority of the members runs, journals, and is not full.",
            )
        return Checkup.fine(
            self.name, "A write was promised by a majority, on disk, and read again."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRows:
    probe: StorageProbe
    name: str = "records"

    async def __call__(self) -> Checkup:
        found = await self.probe.shapes(limit=ROWS_MAX)
        if found.unreadable:
            return Checkup.broken(
                self.name,
                f"Of {found.looked_at} looked at, this version cannot read"
                f" {_named(found.unreadable)}.",
                "Read the log of it; rows of the predecessor are brought in by"
                " `spothold adopt --from-predecessor`.",
            )
        if found.older or found.newer:
            return Checkup.warning(
                self.name, _ages(found), "Nothing: they are readable."
            )
        return Checkup.fine(self.name, f"All {found.looked_at} looked at are readable.")


def _ages(found: Shapes) -> str:
    kinds = (("an older", found.older), ("a newer", found.newer))
    said = [f"{_named(ids)} of {age} version" for age, ids in kinds if ids]
    return f"Of {found.looked_at} looked at: {'; '.join(said)}."


def _named(ids: Sequence[str]) -> str:
    more = ", …" if len(ids) > SHOWN_MAX else ""
    return f"{len(ids)} ({', '.join(ids[:SHOWN_MAX])}{more})"


def _cause(error: StorageUnavailable) -> str:
    """Name the driver's error, which may quote an address and so is not shown."""
    return f" ({type(error.__cause__).__name__})" if error.__cause__ else ""
