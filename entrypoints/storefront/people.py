"""Whom the pages serve, and how a token tells."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

ADMIN: Final = "admin"
SESSION_LIFE: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signed in, as their token describes them."""

    sub: str
    name: str
    email: str
    role: str

    @property
    def is_admin(self) -> bool:
        return self.role == ADMIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person, until their token ends."""

    person: Person
    token: str
    ends_at: datetime


class ReadToken(Protocol):
    async def __call__(self, token: str) -> Session | None:
        """Say who signed in, by the service's own rules; None at any doubt."""
        ...


def now() -> datetime:
    return datetime.now(UTC)
