"""The people of a demo, and the tokens that the shop signs for them itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import jwt

from entrypoints.storefront.people import SESSION_LIFE, Person

ALGORITHM: Final = "HS256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Somebody that a visitor of the demo may be."""

    key: str
    person: Person
    about: str


ROLES: Final = (
    Role(
        key="ada",
        person=Person(
            sub="buyer-ada", name="Ada Lovelace", email="ada@example.org", role="user"
        ),
        about="A buyer. Good for a first purchase.",
    ),
    Role(
        key="grace",
        person=Person(
            sub="buyer-grace",
            name="Grace Hopper",
            email="grace@example.org",
            role="user",
        ),
        about="A second buyer, to see that two people never share a spot.",
    ),
    Role(
        key="admin",
        person=Person(
            sub="admin", name="Alex Admin", email="admin@example.org", role="admin"
        ),
        about="Looks after programs and money; may read the API's own pages.",
    ),
)
BY_KEY: Final[Mapping[str, Person]] = {role.key: role.person for role in ROLES}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSigner:
    """Stands in for an identity provider, with the secret that the service has."""

    secret: str = field(repr=False)
    issuer: str
    audience: str

    def token_for(self, person: Person, *, at: datetime) -> str:
        """Sign what an identity provider would say about this person."""
        claims = {
            "sub": person.sub,
            "name": person.name,
            "email": person.email,
            "role": person.role,
            "iss": self.issuer,
            "aud": self.audience,
            "iat": at,
            "exp": at + SESSION_LIFE,
        }
        return jwt.encode(claims, self.secret, ALGORITHM)
