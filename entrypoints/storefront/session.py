"""The cookie that carries a token, and the layer that reads it on every request."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from litestar import Request
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints.storefront.config import StorefrontConfig
from entrypoints.storefront.people import SESSION_LIFE, Session, now

# Browsers drop a cookie of 4096 bytes, name and attributes included, without a word.
TOKEN_MAX: Final = 3800


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowsVisitors:
    """Says who asks, as `scope["user"]`; outermost, so that no answer lacks it."""

    app: ASGIApp
    config: StorefrontConfig

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            scope["user"] = await self._session(scope)
        await self.app(scope, receive, send)

    async def _session(self, scope: Scope) -> Session | None:
        cookies = Request(scope).cookies
        token = cookies.get(self.config.session_cookie)
        return await self.config.read_token(token) if token else None


def kept(session: Session, config: StorefrontConfig) -> Cookie:
    """Keep the token from scripts, from forms on other sites, and no longer than it."""
    left = min(SESSION_LIFE, session.ends_at - now())
    return _cookie(config.session_cookie, session.token, config, lives=left)


def forgotten(name: str, config: StorefrontConfig) -> Cookie:
    """Return what makes a browser drop a cookie.

    It is as secure as the one it ends: a browser ignores it under `__Host-` otherwise.
    """
    return _cookie(name, "", config, lives=timedelta())


def _cookie(
    name: str, value: str, config: StorefrontConfig, *, lives: timedelta
) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        httponly=True,
        samesite="lax",
        secure=config.is_secure,
        max_age=max(0, int(lives.total_seconds())),
    )
