"""Verify tokens: HS256 with our secret, or RS256/ES256 with keys that are published."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from time import monotonic
from typing import Any, Final, Protocol, TypeAlias

import aiohttp
import jwt
import structlog

from entrypoints.http.refusals import NotAuthenticated
from entrypoints.settings import Settings

LEEWAY: Final = timedelta(seconds=10)
REQUIRED: Final = ("exp", "iss", "aud", "sub")
KEYS_FRESH: Final = timedelta(minutes=10)
KEYS_PAUSE: Final = timedelta(seconds=30)  # unknown key ids must not flood the issuer
KEYS_MAX: Final = 64 * 1024  # bytes
FETCH_TIMEOUT: Final = aiohttp.ClientTimeout(total=5, connect=3)
KEY_TYPES: Final = {"RS256": "RSA", "ES256": "EC"}

Claims: TypeAlias = Mapping[str, Any]
Fetch: TypeAlias = Callable[[], Awaitable[bytes]]

log = structlog.get_logger(__name__)


class TokenVerifier(Protocol):
    async def verify(self, token: str) -> Claims:
        """Return what a token claims, once nothing about it is in doubt.

        Raises:
            NotAuthenticated: anything is.
        """
        ...


class KeySource(Protocol):
    async def key_for(self, token: str) -> Any:  # bytes or a public key
        """Return the key that must have signed the token."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtVerifier:
    """One algorithm, fixed by configuration: the token's own word on it is ignored."""

    keys: KeySource
    algorithm: str
    issuer: str
    audience: str

    async def verify(self, token: str) -> Claims:
        try:
            claims: Claims = jwt.decode(
                token,
                await self.keys.key_for(token),
                algorithms=[self.algorithm],
                issuer=self.issuer,
                audience=self.audience,
                leeway=LEEWAY,
                options={"require": list(REQUIRED)},
            )
        except Exception as error:  # noqa: BLE001  # deep JSON: RecursionError
            raise NotAuthenticated(reason=type(error).__name__) from None
        return claims


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSecret:
    secret: bytes

    async def key_for(self, token: str) -> bytes:  # noqa: ARG002
        return self.secret


class PublishedKeys:
    """The issuer's JWKS, fetched when needed and kept for a while.

    Keys that grew stale stay in use while the issuer does not answer.
    """

    def __init__(
        self, fetch: Fetch, *, algorithm: str, now: Callable[[], float] = monotonic
    ) -> None:
        self._fetch = fetch
        self._algorithm = algorithm
        self._now = now
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._asked_at: float | None = None
        self._turn = asyncio.Lock()

    async def key_for(self, token: str) -> Any:
        """Return the public key that the token names.

        Raises:
            KeyError: there is none.
        """
        kid = jwt.get_unverified_header(token).get("kid")
        async with self._turn:
            if self._is_due(kid):
                await self._refresh()
        return self._keys[kid].key

    def _is_due(self, kid: str | None) -> bool:
        if self._asked_at is None:
            return True
        age = self._now() - self._asked_at
        patience = KEYS_FRESH if kid in self._keys else KEYS_PAUSE
        return age >= patience.total_seconds()

    async def _refresh(self) -> None:
        self._asked_at = self._now()
        try:
            published = json.loads(await self._fetch())["keys"]
            self._keys = dict(self._usable(published))
        except Exception as error:  # noqa: BLE001  # the old keys serve on
            log.warning("jwks not refreshed", error=type(error).__name__)

    def _usable(self, published: list[dict[str, Any]]) -> list[tuple[str, jwt.PyJWK]]:
        wanted = KEY_TYPES[self._algorithm]
        return [
            (key["kid"], jwt.PyJWK(key, algorithm=self._algorithm))
            for key in published
            if key.get("kty") == wanted and key.get("use", "sig") == "sig"
            if "kid" in key
        ]


async def fetch_jwks(url: str) -> bytes:
    """Fetch a key set; the address is our own setting, redirects are not followed."""
    async with (
        aiohttp.ClientSession(timeout=FETCH_TIMEOUT) as session,
        session.get(url, allow_redirects=False, raise_for_status=True) as response,
    ):
        if response.status != HTTPStatus.OK:
            raise ValueError("the key set is not where it should be")
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > KEYS_MAX:
                raise ValueError("the key set is too large")
        return bytes(body)


def tokens_of(settings: Settings) -> JwtVerifier:
    """Return the verifier that the settings ask for."""
    return JwtVerifier(
        keys=_keys_of(settings),
        algorithm=settings.jwt_algorithm,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
    )


def _keys_of(settings: Settings) -> KeySource:
    url, secret = settings.jwt_jwks_url, settings.jwt_secret
    if settings.jwt_algorithm == "HS256":
        if secret is None:
            raise ValueError("HS256 needs a secret")
        return SharedSecret(secret=secret.get_secret_value().encode())
    if url is None:
        raise ValueError("published keys need an address")
    return PublishedKeys(lambda: fetch_jwks(url), algorithm=settings.jwt_algorithm)
