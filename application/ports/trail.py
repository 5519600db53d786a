from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

# Names of things and figures; never a person, never what was typed by one.
TrailFact: TypeAlias = str | int | float | bool | None

KEPT_DAYS: Final = 90


class TrailKind(StrEnum):
    """Which way something came or went."""

    REQUEST = "request"  # somebody asked us
    CALL = "call"  # we asked the provider
    EVENT = "event"  # the provider told us
    MAIL = "mail"  # a mail went out, or did not


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEntry:
    """One thing that happened to a purchase.

    `subjects` are the names under which it is found: the purchase's id where that is
    known, its session's, its payment's.
    """

    kind: TrailKind
    what: str
    at: datetime
    subjects: tuple[str, ...]
    facts: Mapping[str, TrailFact] = field(default_factory=dict)


class Trail(Protocol):
    """What happened around a purchase, told as well as we can (docs/adr/0020).

    Nothing is decided by it.  An entry waits in memory until it is written, so that a
    process that dies takes its last seconds of history along; entries are forgotten
    after ninety days.
    """

    def note(self, entry: TrailEntry) -> None:
        """Remember it; never waits and never fails.

        Where too many wait to be written, the newest are left out, and counted in the
        log.
        """
        ...

    async def flush(self) -> None:
        """Write down what waits.

        Raises:
            StorageUnavailable: it waits on, and is written once all the same.
        """
        ...

    async def of(
        self, subjects: Collection[str], *, limit: int
    ) -> Sequence[TrailEntry]:
        """Return what is known under any of these names, the oldest first.

        What this process has yet to write is among it.  If there is more than `limit`,
        the newest of it.

        Raises:
            StorageUnavailable: nothing is known.
        """
        ...


class SilentTrail:
    """Remembers nothing, for whoever rehearses or compares."""

    def note(self, entry: TrailEntry) -> None:
        """Forget it."""

    async def flush(self) -> None:
        """Write nothing."""

    async def of(
        self,
        subjects: Collection[str],  # noqa: ARG002  # the port's
        *,
        limit: int,  # noqa: ARG002  # the port's
    ) -> Sequence[TrailEntry]:
        return ()
