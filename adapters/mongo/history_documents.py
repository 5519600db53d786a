"""How what happened looks at rest: the trail of purchases, and who was last heard."""

from datetime import datetime
from typing import Any, Final

from beanie import Document
from pydantic import ConfigDict, Field

from application.ports.hearing import Heard
from application.ports.trail import TrailEntry, TrailFact, TrailKind

QUOTES_NOTHING: Final = ConfigDict(hide_input_in_errors=True)


class TrailDocument(Document):
    """One entry, forgotten ninety days after `at`."""

    model_config = QUOTES_NOTHING

    id: str  # type: ignore[assignment]  # Beanie cannot use a NewType here
    kind: TrailKind
    what: str
    at: datetime
    subjects: list[str]
    facts: dict[str, TrailFact] = Field(default_factory=dict)

    class Settings:
        name = "trail"
        keep_nulls = False

    def to_entry(self) -> TrailEntry:
        return TrailEntry(
            kind=self.kind,
            what=self.what,
            at=self.at,
            subjects=tuple(self.subjects),
            facts=self.facts,
        )


def trail_row(id_: str, entry: TrailEntry) -> dict[str, Any]:
    return {
        "_id": id_,
        "kind": entry.kind,
        "what": entry.what,
        "at": entry.at,
        "subjects": list(entry.subjects),
        "facts": dict(entry.facts),
    }


class HeardDocument(Document):
    """The event that was heard last, in one row."""

    model_config = QUOTES_NOTHING

    id: str  # type: ignore[assignment]  # Beanie cannot use a NewType here
    at: datetime
    created_at: datetime

    class Settings:
        name = "heard"
        keep_nulls = False

    def to_heard(self) -> Heard:
        return Heard(at=self.at, created_at=self.created_at)
