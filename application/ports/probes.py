"""How `spothold doctor` looks at what the service rests on; nothing here decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from application.errors import ApplicationError


class WriteDoubtful(ApplicationError):
    """A write was answered, but not with a promise that it is there to stay."""

    code = "write_doubtful"

    def __init__(self, why: str) -> None:
        super().__init__(f"A write is not known to last: {why}.")
        self.why = why


class ProviderRefusesUs(ApplicationError):
    """The provider knows no such key."""

    code = "provider_refuses_us"

    def __init__(self) -> None:
        super().__init__("Stripe refuses our key.")


class RightMissing(ApplicationError):
    """The key may not do this; `right` is its name in the provider's dashboard."""

    code = "right_missing"

    def __init__(self, right: str) -> None:
        super().__init__(f"The key lacks a right: {right}.")
        self.right = right


class LockSilent(ApplicationError):
    """What the instances share to lock does not answer."""

    code = "lock_silent"

    def __init__(self, why: str) -> None:
        super().__init__(f"The shared lock does not answer ({why}).")


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFacts:
    """What the server says of itself; `members`: of its replica set, 0 without one."""

    is_embedded: bool
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """How the rows look that were looked at; ids, the first of each kind.

    `older` were written by an older version, which this one reads; `newer` by a newer
    one; `unreadable` are neither.
    """

    looked_at: int
    older: Sequence[str] = ()
    newer: Sequence[str] = ()
    unreadable: Sequence[str] = ()


class StorageProbe(Protocol):
    """Every call may raise `StorageUnavailable`."""

    async def facts(self) -> StorageFacts:
        """Ask the server what it is."""
        ...

    async def try_writing(self) -> None:
        """Write a row of no meaning as purchases are written, and read it again.

        Raises:
            WriteDoubtful: the server took it, and does not promise to keep it.
        """
        ...

    async def shapes(self, *, limit: int) -> Shapes:
        """Read at most so many purchases, a fair sample, and as many programs."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the provider tells what happened; `kinds` may be `*`, all of them."""

    id: str
    url: str
    is_enabled: bool
    kinds: frozenset[str]
    api_version: str | None
    livemode: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEvent:
    """An event of a kind that we listen to; `untold`: how many have not taken it."""

    id: str
    created_at: datetime
    untold: int


class ProviderProbe(Protocol):
    """Asks the provider and changes nothing there.

    Every call may raise `PaymentGatewayUnavailable`, `ProviderRefusesUs`, and
    `RightMissing` where the key is a restricted one.
    """

    @property
    def api_version(self) -> str:
        """Return the version of the provider's API that we speak."""
        ...

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of events that we need to be told of."""
        ...

    async def livemode(self) -> bool:
        """Say whether our key moves real money, in the provider's own words."""
        ...

    async def skew(self) -> timedelta:
        """Return how far the provider's clock is ahead of ours, to about a second."""
        ...

    async def missing_rights(self) -> Sequence[str]:
        """Return the rights to read that our key lacks; writing is not tried."""
        ...

    async def endpoints(self) -> Sequence[Endpoint]:
        """Return the webhook endpoints of the account, a hundred at most."""
        ...

    async def told_since(self, since: datetime) -> Sequence[ToldEvent]:
        """Return the events of our kinds since then, the newest hundred."""
        ...


class LockProbe(Protocol):
    async def greet(self) -> None:
        """Ask the lock's server whether it is there; no key is locked.

        Raises:
            LockSilent: it is not, or this installation cannot speak to it.
        """
        ...


class MailProbe(Protocol):
    async def greet(self) -> None:
        """Say hello as mail is handed in, encryption and login included; send none.

        Raises:
            MailNotSent: the server cannot be reached or refuses us.
        """
        ...
