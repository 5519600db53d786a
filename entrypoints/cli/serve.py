"""`spothold serve`: the service in this process."""

import asyncio
import signal
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Final

import typer
import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp

from entrypoints.container import Container, opened, running_database
from entrypoints.http.app import create_app
from entrypoints.http.background import MailLoop
from entrypoints.logs import configure_logging
from entrypoints.settings import Settings
from entrypoints.storefront.beside import beside_the_service

DRAIN_SECONDS: Final = 20  # below the 30 s that a host gives before it kills
REQUESTS_AT_ONCE: Final = 1000  # bounds every queue behind them, the locks' too


def serve(
    *,
    with_storefront: Annotated[
        bool, typer.Option(help="Serve the demo's pages beside the API.")
    ] = False,
    inbox_url: Annotated[
        str | None, typer.Option(help="Where those pages link to for mail.")
    ] = None,
) -> None:
    """Serve the API until SIGTERM or Ctrl-C, then let requests in flight finish."""
    settings = Settings()
    configure_logging(settings)
    # uvicorn raises a caught signal again when it is done; what must still happen then
    # is ours: stopping the embedded database.
    for caught in (signal.SIGINT, signal.SIGTERM):
        signal.signal(caught, lambda *_: None)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(
            _serve(settings, with_storefront=with_storefront, inbox_url=inbox_url)
        )


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    return uvicorn.Config("", loop="auto").get_loop_factory()


async def _serve(
    settings: Settings, *, with_storefront: bool, inbox_url: str | None
) -> None:
    async with running_database(settings) as uri:
        container = Container(settings=settings, mongodb_uri=uri)
        app: ASGIApp = service(container, settings)
        if with_storefront:
            app = beside_the_service(app, settings, inbox_url=inbox_url)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
            limit_concurrency=REQUESTS_AT_ONCE,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        await uvicorn.Server(config).serve()


def service(container: Container, settings: Settings) -> Litestar:
    """Assemble the service around a container that is already configured."""
    use_cases = container.use_cases()

    def connection(_app: Litestar) -> AbstractAsyncContextManager[None]:
        return opened(container)

    mail_loop = MailLoop(deliver=use_cases.deliver_mail(), bell=container.bell())
    return create_app(use_cases, settings, lifespan=[connection], mail_loop=mail_loop)
