from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from application.ports.pages import Page
from domain.ids import PurchaseId


class EventState(StrEnum):
    """Where an event stands that was not simply applied."""

    QUARANTINED = "quarantined"  # ours, not applied, tried again and again
    GIVEN_UP = "given_up"  # the same, and only a human tries again
    RESOLVED = "resolved"  # applied after all
    NOTED = "noted"  # never held; only that it came


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """What is kept of an event: names of things, never what it says of people.

    `kind` is the provider's own word for what happened.
    """

    id: str
    kind: str
    object_id: str | None = None
    payment_intent: str | None = None
    purchase_id: PurchaseId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEvent:
    """An event of ours that could not be applied, as it was last tried."""

    event: EventFacts
    why: str
    state: EventState
    first_seen: datetime
    last_tried: datetime
    until: datetime
    tries: int = 0

    @property
    def is_tried(self) -> bool:
        """Say whether it is tried again by itself."""
        return self.state is EventState.QUARANTINED


class EventLog(Protocol):
    """The exceptional among the provider's events.

    For humans and for the next try; no decision about money rests on it.  Those that
    are over are forgotten after some months, those that are held never.  Every call may
    raise `StorageUnavailable`.
    """

    async def quarantine(
        self, event: EventFacts, *, why: str, at: datetime, until: datetime
    ) -> bool:
        """Hold an event; of one that is held already only the reason changes.

        Args:
            event: what to know it by.
            why: what stood in the way.
            at: now.
            until: when it is due to be tried again.

        Returns:
            Whether it was not held yet; of any number of callers, one is told so.
        """
        ...

    async def due(self, *, at: datetime, limit: int) -> Sequence[HeldEvent]:
        """Return those that wait to be tried again, the longest due first."""
        ...

    async def claim(self, held: HeldEvent, *, at: datetime, until: datetime) -> bool:
        """Count a try and claim it, unless somebody else just did.

        Args:
            held: as it was read.
            at: now.
            until: when it is due again, if we do not live to say how the try went.

        Returns:
            Whether it is ours to try; of any number of callers, one is told so.
        """
        ...

    async def put_off(
        self, held: HeldEvent, *, until: datetime, why: str | None = None
    ) -> bool:
        """Record that the try that we claimed has failed, and when the next is due.

        Args:
            held: as it was claimed: as it was read before our try was counted.
            until: when it is due to be tried again.
            why: what stood in the way, if not what is known already.

        Returns:
            Whether it was still ours: it is tried by itself, and nobody has claimed it
            since.  If not, nothing is changed, for others have gone on with it.
        """
        ...

    async def resolve(self, event_id: str, *, outcome: str, at: datetime) -> bool:
        """Record that an event was applied after all.

        Returns:
            Whether it was held.
        """
        ...

    async def give_up(self, event_id: str, *, at: datetime) -> bool:
        """Leave an event to the humans.

        Returns:
            Whether it was still tried; of any number of callers, one is told so.
        """
        ...

    async def note(self, event: EventFacts, *, outcome: str, at: datetime) -> None:
        """Record that an event came, and what became of it, if nothing is known yet."""
        ...

    async def get(self, event_id: str) -> HeldEvent | None:
        """Return an event that is held, or None."""
        ...

    async def held(self, *, limit: int) -> Sequence[HeldEvent]:
        """Return what is held, given up or not, the oldest first."""
        ...

    async def page(self, *, page: int, size: int) -> Page[HeldEvent]:
        """Return one page, counted from 1, of what is held, the oldest first."""
        ...
