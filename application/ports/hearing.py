from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The event that came last: when it reached us, and when the provider made it."""

    at: datetime
    created_at: datetime

    @property
    def lag(self) -> timedelta:
        """Return how long it was on its way; clocks that disagree make it zero."""
        return max(timedelta(), self.at - self.created_at)


class Hearing(Protocol):
    """When the provider's events last reached any instance.

    A figure for humans and alarms; no decision about money rests on it.  It waits in
    memory until it is written, every few seconds.
    """

    def note(self, heard: Heard) -> None:
        """Remember that an event came; never waits and never fails."""
        ...

    async def flush(self) -> None:
        """Write down what waits, unless another instance heard later.

        Raises:
            StorageUnavailable: it waits on.
        """
        ...

    async def last(self) -> Heard | None:
        """Return the last event that any instance heard; None if none ever did.

        Of other instances what they have written, of this one also what waits.

        Raises:
            StorageUnavailable: nothing is known.
        """
        ...


class SilentHearing:
    """Hears nothing, for whoever rehearses or compares."""

    def note(self, heard: Heard) -> None:
        """Forget it."""

    async def flush(self) -> None:
        """Write nothing."""

    async def last(self) -> Heard | None:
        return None
