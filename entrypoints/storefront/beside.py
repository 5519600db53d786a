"""The shop and the service on one port, each an application of its own."""

from typing import Final

from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints.settings import Settings
from entrypoints.storefront.app import create_storefront
from entrypoints.storefront.config import StorefrontConfig

SERVICE_PATHS: Final = ("/api", "/schema")


class StorefrontBeside:
    """Hands the service its own paths and the shop all the others.

    They share a port and nothing else: neither the errors, headers and limits of one
    nor its templates reach the other.  An ASGI mount at `/` would have hidden every
    route of the service that has a parameter in its path.
    """

    def __init__(self, *, service: ASGIApp, pages: Litestar) -> None:
        self._service = service
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # By the word: Litestar's enum has no member for lifespans.
        if str(scope["type"]) == "lifespan":
            async with self._pages.lifespan():
                await self._service(scope, receive, send)
        elif _is_the_services(scope["path"]):
            await self._service(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


def storefront_config(settings: Settings, *, inbox_url: str | None) -> StorefrontConfig:
    """Make the shop a client of the service with these settings.

    Raises:
        ValueError: tokens are signed elsewhere, so nobody can sign in with one click.
    """
    if settings.jwt_secret is None or settings.is_production:
        raise ValueError("the storefront is for demos: it signs its own tokens")
    return StorefrontConfig(
        api_url=f"http://127.0.0.1:{settings.port}/api",
        payment_origin=settings.stripe_api_base,
        jwt_secret=settings.jwt_secret.get_secret_value(),
        jwt_issuer=settings.jwt_issuer,
        jwt_audience=settings.jwt_audience,
        inbox_url=inbox_url,
    )


def beside_the_service(
    service: ASGIApp, settings: Settings, *, inbox_url: str | None = None
) -> ASGIApp:
    """Return an application that serves both."""
    pages = create_storefront(storefront_config(settings, inbox_url=inbox_url))
    return StorefrontBeside(service=service, pages=pages)


def _is_the_services(path: str) -> bool:
    return any(path == own or path.startswith(f"{own}/") for own in SERVICE_PATHS)
