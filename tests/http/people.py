"""Who asks: tokens that hold, and every kind that must not."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import jwt

JWT_SECRET: Final = (
    "a secret that nobody outside this test knows, " + "long enough for any"
)
OTHER_SECRET: Final = "another secret, also of at least sixty-four bytes: " + "x" * 32
ISSUER: Final = "https://issuer.example"
AUDIENCE: Final = "spothold-tests"


LIFE: Final = 6 * 3600  # seconds: longer than a whole run, which may draw tokens early


@dataclass(frozen=True, kw_only=True)
class Person:
    id: str
    email: str
    name: str
    role: str = "user"

    @property
    def claims(self) -> dict[str, Any]:
        return {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": self.id,
            "email": self.email,
            "name": self.name,
            "role": self.role,
            "exp": int(time.time()) + LIFE,
        }

    @property
    def token(self) -> str:
        return signed(self.claims)


ADA: Final = Person(id="ada", email="ada@example.org", name="Ada Lovelace")
GRACE: Final = Person(id="grace", email="grace@example.org", name="Grace Hopper")
ROOT: Final = Person(id="root", email="root@example.org", name="Root", role="admin")


def signed(
    claims: Mapping[str, Any], *, secret: str = JWT_SECRET, algorithm: str = "HS256"
) -> str:
    return jwt.encode(dict(claims), secret, algorithm=algorithm)


def changed(**claims: Any) -> Callable[[], str]:
    """Make a token that is right but for these claims; None leaves one out."""

    def make() -> str:
        told = {**ADA.claims, **claims}
        return signed({key: value for key, value in told.items() if value is not None})

    return make


def handmade(
    header: bytes, payload: bytes, *, secret: bytes = JWT_SECRET.encode()
) -> str:
    """Put a token together and sign it, whatever its parts are."""
    parts = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload)]
    body = b".".join(parts)
    signature = base64.urlsafe_b64encode(hmac.digest(secret, body, "sha256"))
    return (body + b"." + signature.rstrip(b"=")).decode()


def unsigned() -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=")
    payload = base64.urlsafe_b64encode(json.dumps(ADA.claims).encode()).rstrip(b"=")
    return f"{header.decode()}.{payload.decode()}."


HS256: Final = b'{"alg":"HS256","typ":"JWT"}'


def bearer(make: Callable[[], str]) -> Callable[[], str]:
    return lambda: f"Bearer {make()}"


# Each as it stands in the header, or None for no header at all.
BAD_TOKENS: Final[Mapping[str, Callable[[], str | None]]] = {
    "none": lambda: None,
    "empty": lambda: "",
    "no scheme": lambda: ADA.token,
    "basic": lambda: "Basic YWRhOnB3",
    "garbage": lambda: "Bearer x.y.z",
    "two words": lambda: f"Bearer {ADA.token} {ADA.token}",
    "huge": lambda: "Bearer " + "a" * 9000,
    "other key": lambda: "Bearer " + signed(ADA.claims, secret=OTHER_SECRET),
    "alg none": lambda: "Bearer " + unsigned(),
    "HS512": lambda: "Bearer " + signed(ADA.claims, algorithm="HS512"),
    "deep header": lambda: "Bearer " + handmade(b"[" * 3000, b"{}"),
    "deep claims": lambda: "Bearer " + handmade(HS256, b"[" * 3000),
    "claims are a list": lambda: "Bearer " + handmade(HS256, b"[]"),
    "claims are no UTF-8": lambda: "Bearer " + handmade(HS256, b"\xff"),
    "expired": bearer(changed(exp=int(time.time()) - 60)),
    "not yet": bearer(changed(nbf=int(time.time()) + 86_400)),
    "issued tomorrow": bearer(changed(iat=int(time.time()) + 86_400)),
    "no exp": bearer(changed(exp=None)),
    "exp is text": bearer(changed(exp="tomorrow")),
    "no sub": bearer(changed(sub=None)),
    "sub is empty": bearer(changed(sub="")),
    "sub with a space": bearer(changed(sub="ada lovelace")),
    "sub is long": bearer(changed(sub="a" * 129)),
    "sub is a number": bearer(changed(sub=7)),
    "no iss": bearer(changed(iss=None)),
    "wrong iss": bearer(changed(iss="https://elsewhere.example")),
    "no aud": bearer(changed(aud=None)),
    "wrong aud": bearer(changed(aud="somebody else")),
    "no email": bearer(changed(email=None)),
    "email without @": bearer(changed(email="ada")),
    "email with a line break": bearer(changed(email="ada@example.org\nBcc: x@y.zz")),
    "email is long": bearer(changed(email="a" * 64 + "@" + "b" * 200)),
    "email is a list": bearer(changed(email=["ada@example.org"])),
    "name with a line break": bearer(changed(name="Ada\r\nBcc: x@y.zz")),
    "name is long": bearer(changed(name="a" * 201)),
    "name is an object": bearer(changed(name={})),
    "unknown role": bearer(changed(role="Administrator")),
    "role is a list": bearer(changed(role=["admin"])),
}


def with_id(person: Person, id_: str) -> Person:
    return replace(person, id=id_)
