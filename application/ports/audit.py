from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from domain.ids import ProgramId, PurchaseId

Fact: TypeAlias = str | int | bool | None

FACTS_MAX: Final = 20  # in `before`, and in `after`
FACT_MAX: Final = 500  # characters


def about_program(program_id: ProgramId) -> str:
    """Name a program as the subject of an entry."""
    return f"program/{program_id}"


def about_purchase(purchase_id: PurchaseId) -> str:
    """Name a purchase as the subject of an entry."""
    return f"purchase/{purchase_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What somebody of ours meant to do, to what, and why.

    It is noted before it is done: what is refused or cut off was asked for all the
    same.  Kept for good, so it names no buyer: `before` and `after` are the fields that
    change, `subject` is a kind and an id, such as `program/choir`.

    Raises:
        ValueError: more facts, or longer ones, than belong in a row for good.
    """

    at: datetime
    by: str
    what: str
    subject: str
    why: str
    before: Mapping[str, Fact] = field(default_factory=dict)
    after: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for facts in (self.before, self.after):
            texts = [text for text in facts.values() if isinstance(text, str)]
            if len(facts) > FACTS_MAX or any(len(text) > FACT_MAX for text in texts):
                raise ValueError("an entry of the audit log holds a few short facts")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    items: tuple[AuditEntry, ...]
    total: int


class AuditLog(Protocol):
    """Who of ours did what, and why.  Entries are added and never change.

    Each call is one atomic step; every call may raise `StorageUnavailable`, and then an
    entry may be there all the same.
    """

    async def note(self, entry: AuditEntry) -> None:
        """Add an entry; the same one twice are two."""
        ...

    async def page(self, *, subject: str | None, page: int, size: int) -> AuditPage:
        """Return the entries about a subject, or all, newest first, from page 1."""
        ...
