from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from application.errors import ApplicationError
from domain.ids import BuyerId, ProgramId, PurchaseId, SessionId
from domain.purchase import PaymentMethod, Purchase, Status
from domain.refunds import ExtraPayment
from domain.transitions import Transition


class PurchaseNotFound(ApplicationError):
    """No such purchase, or it is somebody else's: the two look the same (I18)."""

    code = "purchase_not_found"

    def __init__(self) -> None:
        super().__init__("Purchase not found.")


class LivePurchaseExists(ApplicationError):
    """The buyer has a live purchase of that program already (invariant I2).

    After a write of unknown outcome it may be the very one that was to be stored:
    `find_live` shows which one it is, and is needed anyway.
    """

    code = "live_purchase_exists"

    def __init__(self) -> None:
        super().__init__("You have an open purchase of this program.")


class OrderNumberTaken(ApplicationError):
    code = "order_number_taken"

    def __init__(self) -> None:
        super().__init__("Two orders drew one number; please try again.")


class Noted(StrEnum):
    """What became of an extra payment."""

    NEW = "new"
    BEFORE = "before"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchasePage:
    items: tuple[Purchase, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckPurchase:
    """A purchase that nobody carries on, and how often it was driven in vain.

    Only its name and where it stands: one that cannot be read hides no other.
    """

    id: PurchaseId
    status: Status
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OwingPurchase(StuckPurchase):
    """A purchase with open money; `only_waits` if all of it is under way already."""

    only_waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminAct:
    """What an admin asked for by hand, who it was and why."""

    what: str
    by: str
    why: str
    at: datetime


class PurchaseRepository(Protocol):
    """Purchases, changed by single conditional writes only.

    Each call is one atomic step; every call may raise `StorageUnavailable`, and then a
    write may have happened all the same.
    """

    async def add(self, purchase: Purchase) -> None:
        """Store a purchase for the first time; the same one again changes nothing.

        Raises:
            LivePurchaseExists: one of this buyer and program is live, perhaps this one.
            OrderNumberTaken: another purchase carries its order number.
        """
        ...

    async def get(self, purchase_id: PurchaseId) -> Purchase:
        """Return one purchase.

        Raises:
            PurchaseNotFound: there is no such purchase.
        """
        ...

    async def find_live(
        self, *, buyer_id: BuyerId, program_id: ProgramId
    ) -> Purchase | None:
        """Return the one live purchase of this buyer and program, if there is one."""
        ...

    async def find_by_session(self, session_id: SessionId) -> Purchase | None:
        """Return the purchase that saved this session, if there is one."""
        ...

    async def find_by_payment_intent(self, payment_intent: str) -> Purchase | None:
        """Return the purchase that names this payment, its own or an extra one."""
        ...

    async def owing(self, *, at: datetime, limit: int) -> Sequence[OwingPurchase]:
        """Return purchases with open money that are not claimed, in order of due.

        One falls due when it moves, and again when its claim is over: however many
        there are and whatever becomes of them, each has its turn.
        """
        ...

    async def unsettled(self, *, limit: int) -> Sequence[Purchase]:
        """Return purchases with money that has no outcome, the longest first.

        What cannot be read is left out, and logged.
        """
        ...

    async def terminal_among(
        self, purchase_ids: Collection[PurchaseId]
    ) -> frozenset[PurchaseId]:
        """Return those of the purchases that are closed or refunded."""
        ...

    async def page_of(
        self,
        buyer_id: BuyerId,
        *,
        statuses: Collection[Status],
        page: int,
        size: int,
    ) -> PurchasePage:
        """Return a buyer's purchases of these statuses, newest first, from page 1."""
        ...

    async def abandoned_at(
        self,
        *,
        buyer_id: BuyerId,
        program_id: ProgramId,
        since: datetime,
        limit: int,
    ) -> Sequence[datetime]:
        """Return when a buyer abandoned class-rep checkouts of a program, newest first.

        Those of which `is_abandoned` says so, closed after `since`, `limit` at most.
        """
        ...

    async def abandoned_since(
        self, since: datetime, *, limit: int
    ) -> Sequence[tuple[BuyerId, ProgramId]] | None:
        """Return whose class-rep checkouts were abandoned after `since`, in no order.

        One entry for each of which `is_abandoned` says so.

        Returns:
            All of them; None: there are more than `limit` to look at.
        """
        ...

    async def change(
        self, purchase_id: PurchaseId, transition: Transition, *, at: datetime, by: str
    ) -> bool:
        """Apply a transition if the status is one of its sources: a compare-and-set.

        Args:
            purchase_id: which purchase.
            transition: what is to happen.
            at: now.
            by: who or what caused it, for the purchase's log.

        Returns:
            Whether it happened.  Of any number of callers, one is told so.
        """
        ...

    async def note_extra_payment(
        self, purchase_id: PurchaseId, payment: ExtraPayment, *, at: datetime
    ) -> Noted:
        """Record money that must go back, once for each session."""
        ...

    async def swap_money(
        self, before: Purchase, after: Purchase, *, at: datetime, by: str
    ) -> bool:
        """Store how refunds, extra payments, dispute and status moved, all in one.

        Args:
            before: as it was read.
            after: as a rule of the domain returned it.
            at: now.
            by: who or what caused it, for the purchase's log.

        Returns:
            Whether its status and its money were still as read.  Of any number of
            callers who read the same, one is told so.
        """
        ...

    async def note_processing(self, purchase_id: PurchaseId, *, at: datetime) -> None:
        """Record that a delayed payment is under way, while one is awaited."""
        ...

    async def note_payment_method(
        self, purchase_id: PurchaseId, method: PaymentMethod
    ) -> None:
        """Record how it was paid."""
        ...

    async def note_act(self, purchase_id: PurchaseId, act: AdminAct) -> None:
        """Record what an admin asked for; the newest fifty are kept.

        Raises:
            PurchaseNotFound: there is no such purchase.
        """
        ...

    async def anonymise(self, purchase: Purchase) -> bool:
        """Store `anonymised(purchase)` if it is settled and owes nothing, as read.

        Returns:
            Whether neither its status, nor its money, nor its mails had moved on.
        """
        ...

    async def claim_look(
        self, purchase_id: PurchaseId, *, at: datetime, not_since: datetime
    ) -> bool:
        """Claim the right to ask the provider, unless it was claimed lately.

        Returns:
            Whether nobody had asked since `not_since`; of any number of callers, one
            is told so.
        """
        ...

    async def stuck(
        self,
        statuses: Collection[Status],
        *,
        before: datetime,
        at: datetime,
        limit: int,
    ) -> Sequence[StuckPurchase]:
        """Return purchases that wait to be driven on, in order of due, as in `owing`.

        Args:
            statuses: where they stand.
            before: they have not changed since.
            at: now; what is claimed for longer is left out, so that it hides nobody.
            limit: how many at most.
        """
        ...

    async def claim_drive(
        self, stuck: StuckPurchase, *, at: datetime, until: datetime
    ) -> bool:
        """Claim a purchase for a while, unless it moved on or is claimed already.

        Returns:
            Whether it is ours; of any number of callers, one is told so.
        """
        ...

    async def note_drive_failure(self, purchase_id: PurchaseId) -> None:
        """Count that it was driven in vain, so that the next claim lasts longer."""
        ...
