"""The way from the pages to the service in the same process."""

from typing import Final

import httpx
from litestar.types import ASGIApp

# Under this name a call says from which address its visitor came.
VISITOR: Final = "spothold.visitor"
NOWHERE: Final = ("127.0.0.1", 0)


class InProcess(httpx.AsyncBaseTransport):
    """Hands each call to the service, as if its visitor had made it themselves.

    The service's limits count addresses.  Over a connection of the shop's own, all
    visitors would share one.
    """

    def __init__(self, service: ASGIApp) -> None:
        self._service = service

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        transport = httpx.ASGITransport(
            app=self._service,  # type: ignore[arg-type]  # Litestar's name for the same
            client=request.extensions.get(VISITOR) or NOWHERE,
            raise_app_exceptions=False,
        )
        return await transport.handle_async_request(request)
