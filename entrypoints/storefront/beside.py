"""The shop and the service on one port, each an application of its own."""

from collections.abc import Callable
from typing import Final

from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

SERVICE_PATHS: Final = ("/api", "/schema")


def every_host(_scope: Scope) -> bool:
    return True


class StorefrontBeside:
    """Hands the service its own paths and the shop all the others.

    They share a port and nothing else: neither the errors, headers and limits of one
    nor its templates reach the other.  An ASGI mount at `/` would have hidden every
    route of the service that has a parameter in its path.  What was sent to a host that
    `is_for_us` does not know is the service's as well, for it refuses that.
    """

    def __init__(
        self,
        *,
        service: ASGIApp,
        pages: Litestar,
        is_for_us: Callable[[Scope], bool] = every_host,
    ) -> None:
        self._is_for_us = is_for_us
        self._pages = pages
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # By the word: Litestar's enum has no member for lifespans.
        if str(scope["type"]) == "lifespan":
            async with self._pages.lifespan():
                await self._service(scope, receive, send)
        elif _is_the_services(scope["path"]) or not self._is_for_us(scope):
            await self._service(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


def _is_the_services(path: str) -> bool:
    return any(path == own or path.startswith(f"{own}/") for own in SERVICE_PATHS)
