from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A running service: `name` is its host and process, `lock` its LOCK_BACKEND.

    `since` is when it began; older versions do not say.
    """

    name: str
    lock: str
    seen_at: datetime
    since: datetime | None = None


class Instances(Protocol):
    """Who runs beside whom; no sale, no money and no mail is decided by it.

    Every call may raise `StorageUnavailable`.
    """

    async def beat(self, instance: Instance) -> None:
        """Record that an instance is alive; an older word never replaces a newer."""
        ...

    async def forget(self, name: str, *, seen_by: datetime) -> None:
        """Forget an instance that ended, unless it beat after `seen_by`."""
        ...

    async def seen_since(self, since: datetime) -> Sequence[Instance]:
        """Return those that were alive since then, by name, a hundred at most."""
        ...
