"""Who is asking: one bearer token, one algorithm, one answer to every doubt."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from domain.ids import BuyerId
from domain.purchase import Buyer
from entrypoints.http.refusals import AccessDenied, NotAuthenticated
from entrypoints.http.tokens import Claims, TokenVerifier

# What a route declares; a route that declares nothing wants a token.
PUBLIC: Final = "public"
ADMIN_ONLY: Final = "admin_only"
SCRAPERS_ONLY: Final = "scrapers_only"  # another guard asks for another token

TOKEN_MAX: Final = 8 * 1024
EMAIL_MAX: Final = 254
NAME_MAX: Final = 200
_SUBJECT: Final = re.compile(r"[\x21-\x7e]{1,128}")
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
)
_BEARER: Final = re.compile(r"Bearer +([A-Za-z0-9_.=-]+)", re.IGNORECASE)


class Role(StrEnum):
    USER = "user"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The person behind a request, as their token describes them."""

    id: BuyerId
    email: str
    name: str
    role: Role

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    @property
    def as_admin(self) -> str:
        """Name them in logs of what admins do."""
        return f"admin {self.id}"

    @property
    def buyer(self) -> Buyer:
        return Buyer(id=self.id, email=self.email, name=self.name)

    @classmethod
    def of(cls, claims: Claims) -> "Caller":
        """Read the claims.

        Raises:
            NotAuthenticated: one is missing or is not what it should be.
        """
        email = _text(claims, "email", EMAIL_MAX)
        if _EMAIL.fullmatch(email) is None:
            raise NotAuthenticated(reason="email is no address")
        subject = _text(claims, "sub", EMAIL_MAX)
        if _SUBJECT.fullmatch(subject) is None:
            raise NotAuthenticated(reason="sub is no plain word")
        role = claims.get("role", Role.USER.value)
        if role not in list(Role):
            raise NotAuthenticated(reason="role is unknown")
        return cls(
            id=BuyerId(subject),
            email=email,
            name=_text({"name": email.partition("@")[0], **claims}, "name", NAME_MAX),
            role=Role(role),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate:
    """A guard for the whole app: what does not opt out by name needs a token."""

    tokens: TokenVerifier

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        """Learn who is asking.

        Raises:
            NotAuthenticated: no token, or any doubt about it.
            AccessDenied: an admin's route, asked for by somebody else.
        """
        if handler.opt.get(PUBLIC) is True or handler.opt.get(SCRAPERS_ONLY) is True:
            return
        header = connection.headers.getall("Authorization", [])
        claims = await self.tokens.verify(bearer_token(header))
        caller = Caller.of(claims)
        connection.scope["user"] = caller
        if handler.opt.get(ADMIN_ONLY) is True and not caller.is_admin:
            raise AccessDenied


def bearer_token(header: list[str]) -> str:
    """Return the one token of a request.

    Raises:
        NotAuthenticated: there is none, or a doubt about which.
    """
    found = _BEARER.fullmatch(header[0]) if len(header) == 1 else None
    if found is None or len(found[1]) > TOKEN_MAX:
        raise NotAuthenticated(reason="no bearer token")
    return found[1]


def _text(claims: Claims, name: str, longest: int) -> str:
    """Return a claim that is one line of text, fit for a mail header and a log."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= longest:
        raise NotAuthenticated(reason=f"{name} is missing or too long")
    if not value.isprintable() or len(value) > longest:
        raise NotAuthenticated(reason=f"{name} is not one printable line")
    return value
