from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from application.errors import ApplicationError
from application.ports.purchases import AdminAct
from application.ports.survey import SurveyedPurchase
from domain.ids import ProgramId, PurchaseId
from domain.purchase import Purchase, Status

DEPTH_MAX: Final = 10_000  # purchases that paging reaches; a search finds the others


def spellings_of(words: str) -> tuple[str, ...]:
    """Return how a name may begin that somebody typed without much care."""
    return words, words[:1].upper() + words[1:], words.title()


class PurchaseUnreadable(ApplicationError):
    """The row is there, and this version cannot read it; the log says why."""

    code = "purchase_unreadable"

    def __init__(self) -> None:
        super().__init__("This purchase is stored, but cannot be read; see the log.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveQuery:
    """Which purchases; what is None or empty asks for all of them.

    `search` is one whole name: of a purchase, an order, a buyer, an e-mail address, a
    session or a payment; or else the beginning of a buyer's name or of a program's
    title.  What it names first, in this order, is what it means.

    `since` and `until` bound the moment at which it was begun, `until` not included.
    `refund_failed` tells the completed apart: their last refund came to nothing, or it
    did not.
    """

    search: str = ""
    statuses: Collection[Status] = ()
    refund_failed: bool | None = None
    program_id: ProgramId | None = None
    is_class_rep: bool | None = None
    has_open_money: bool = False
    is_troubled: bool = False
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePage:
    """One page; `total` counts no further than `DEPTH_MAX`."""

    items: tuple[SurveyedPurchase, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One change of a purchase's state: by whom, from where it may have come, to where.

    The statuses are as they were stored, whatever version wrote them.
    """

    at: datetime
    sources: tuple[str, ...]
    target: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseFile:
    """All that is kept in a purchase's row: the newest fifty changes and acts."""

    purchase: Purchase
    log: tuple[LogEntry, ...] = ()
    acts: tuple[AdminAct, ...] = ()


class PurchaseArchive(Protocol):
    """All purchases as admins look for them; looking writes nothing.

    Every call may raise `StorageUnavailable`.
    """

    async def page(self, query: ArchiveQuery, *, page: int, size: int) -> ArchivePage:
        """Return those that fit, newest first, from page 1.

        A page beyond `DEPTH_MAX` is empty.  A row that cannot be read hides no other.
        """
        ...

    async def file_of(self, purchase_id: PurchaseId) -> PurchaseFile:
        """Return one purchase with its log and its acts.

        Raises:
            PurchaseNotFound: there is no such purchase.
            PurchaseUnreadable: there is, and it cannot be read.
        """
        ...
