"""The people one may sign in as, and the tokens they carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import jwt

from entrypoints.storefront.config import SESSION_LIFE, StorefrontConfig

ALGORITHM: Final = "HS256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    key: str
    sub: str
    name: str
    email: str
    role: str
    about: str


PEOPLE: Final = (
    Person(
        key="ada",
        sub="buyer-ada",
        name="Ada Lovelace",
        email="ada@example.org",
        role="user",
        about="A buyer. Good for a first purchase.",
    ),
    Person(
        key="grace",
        sub="buyer-grace",
        name="Grace Hopper",
        email="grace@example.org",
        role="user",
        about="A second buyer, to see that two people never share a spot.",
    ),
    Person(
        key="admin",
        sub="admin",
        name="Alex Admin",
        email="admin@example.org",
        role="admin",
        about="Looks after programs and money; may read the API's own pages.",
    ),
)
BY_KEY: Final[Mapping[str, Person]] = {person.key: person for person in PEOPLE}
BY_SUB: Final[Mapping[str, Person]] = {person.sub: person for person in PEOPLE}


def token_for(person: Person, config: StorefrontConfig, *, at: datetime) -> str:
    """Sign what an identity provider would say about this person."""
    claims = {
        "sub": person.sub,
        "name": person.name,
        "email": person.email,
        "role": person.role,
        "iss": config.jwt_issuer,
        "aud": config.jwt_audience,
        "iat": at,
        "exp": at + SESSION_LIFE,
    }
    return jwt.encode(claims, config.jwt_secret, ALGORITHM)


def person_behind(token: str | None, config: StorefrontConfig) -> Person | None:
    """Say who signed in; nobody, when the token is old, foreign or missing."""
    if token is None:
        return None
    try:
        claims = jwt.decode(
            token,
            config.jwt_secret,
            algorithms=[ALGORITHM],
            issuer=config.jwt_issuer,
            audience=config.jwt_audience,
        )
    except jwt.InvalidTokenError:
        return None
    return BY_SUB.get(claims["sub"])


def now() -> datetime:
    return datetime.now(UTC)
