"""`spothold serve`: the service in this process."""

import asyncio
import faulthandler
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from typing import Annotated, Any, Final

import structlog
import typer
from litestar import Litestar
from litestar.types import ASGIApp

from application.ports.storage import StorageUnavailable
from application.show_life import BEAT_EVERY, ShowLife
from entrypoints.container import Container, opened, running_database
from entrypoints.http.app import create_app
from entrypoints.http.background import MailLoop
from entrypoints.http.company import KeepCompany, NotAlone
from entrypoints.http.history import HistoryLoop
from entrypoints.http.jobs import Job, JobRunner
from entrypoints.http.leaving import Leaving
from entrypoints.http.lock_log import LockLog
from entrypoints.http.loop_watch import LoopWatch
from entrypoints.http.server import Server, server_config
from entrypoints.logging import configure_logging
from entrypoints.settings import Settings, ShopMode
from entrypoints.use_cases import UseCases

LEDGER_EVERY: Final = timedelta(hours=1)
LISTEN_EVERY: Final = timedelta(minutes=15)
LOOK_EVERY: Final = timedelta(minutes=15)
ROUND_EVERY: Final = timedelta(seconds=60)
WORK_EVERY: Final = timedelta(seconds=15)  # what another instance left half done
WATCH_EVERY: Final = timedelta(minutes=15)
SLACK: Final = timedelta(seconds=1)  # the host's 30 seconds are longer than our grace

log = structlog.get_logger(__name__)


def serve(
    *,
    inbox_url: Annotated[
        str | None, typer.Option(help="Where a demo's pages point to for mail.")
    ] = None,
) -> None:
    """Serve the API until SIGTERM or Ctrl-C, then let requests in flight finish.

    The pages for buyers and admins are served beside it if STOREFRONT says so.  The
    exit code is 0 after either, 1 if it cannot start or does not end in time, and 3 if
    SINGLE_INSTANCE_ENFORCE is set and an older instance stays.
    """
    settings = Settings()
    configure_logging(
        level=settings.log_level, log_format=settings.log_format, is_final=True
    )
    logging.captureWarnings(capture=True)  # a line of the log like any other
    # uvicorn raises a caught signal again when it is done; what must still happen then
    # is ours: stopping the embedded database.
    for caught in (signal.SIGINT, signal.SIGTERM):
        signal.signal(caught, lambda *_: None)
    loops = server_config(None, settings).get_loop_factory()
    with asyncio.Runner(loop_factory=loops) as loop:
        loop.run(_serve(settings, inbox_url=inbox_url))


async def _serve(settings: Settings, *, inbox_url: str | None) -> None:
    async with running_database(settings) as uri:
        if settings.mongodb_uri is None:
            log.warning("embedded database, not for production", uri=uri)
        container = Container(settings=settings, mongodb_uri=uri)
        leaving = Leaving(grace=settings.stop_grace, last_resort=end_by_force)
        api: Any = service(container, settings, leaving=leaving)
        app = _with_pages(api, settings, inbox_url=inbox_url)
        server = Server(
            server_config(container.tracing().around(app), settings),
            leaving=leaving,
            announce=settings.stop_announce,
        )
        await server.serve()
    if leaving.why is not None:
        raise leaving.why


def end_by_force(grace: timedelta) -> None:
    """End this process a second after its grace, with 1, if it still lives then.

    What hangs is told on stderr first, thread by thread.  Nothing is lost that a kill
    would not lose, and that is nothing (docs/explanation/how-it-stays-safe.md).
    """
    faulthandler.dump_traceback_later((grace + SLACK).total_seconds(), exit=True)


def _with_pages(api: ASGIApp, settings: Settings, *, inbox_url: str | None) -> ASGIApp:
    """Serve the pages beside the API; who wants none does not wait for their code."""
    if settings.storefront is ShopMode.OFF:
        return api
    from entrypoints.shop import beside_the_service  # noqa: PLC0415

    return beside_the_service(api, settings, inbox_url=inbox_url)


def service(
    container: Container,
    settings: Settings,
    *,
    reconciles: bool = True,
    leaving: Leaving | None = None,
) -> Litestar:
    """Assemble the service around a container that is already configured.

    `reconciles`: do by itself what requests and webhooks left undone; another instance
    may do it instead.  `leaving`: begun by whoever is told to end.
    """
    leaving = leaving or Leaving()
    use_cases = container.use_cases()
    alive = _alive(container, settings, leaving)
    jobs = (alive, *(reconcile_jobs(use_cases) if reconciles else ()))

    def connection(_app: Litestar) -> AbstractAsyncContextManager[None]:
        return opened(container)

    return create_app(
        use_cases,
        settings,
        lifespan=[
            connection,
            lambda _app: ended_well(container.show_life()),
            lambda _app: LoopWatch(use_cases.metrics()),
            lambda _app: HistoryLoop(use_cases.keep_history()),
        ],
        mail_loop=MailLoop(
            deliver=use_cases.deliver_mail(), bell=container.bell(), leaving=leaving
        ),
        jobs=JobRunner(jobs, leaving=leaving, watch=container.tracing().span),
        leaving=leaving,
    )


def _alive(container: Container, settings: Settings, leaving: Leaving) -> Job:
    """Show life, and look who else does; often enough to know when a deploy is over."""
    is_enforced = settings.single_instance_enforce
    company = KeepCompany(
        beat=container.show_life(),
        look=container.stay_alone(),
        leave=way_out(leaving) if is_enforced else None,
    )
    every = min(BEAT_EVERY, settings.overlap / 4) if is_enforced else BEAT_EVERY
    return Job(name="show life", every=every, run=company)


def way_out(leaving: Leaving) -> Callable[[NotAlone], None]:
    """Return what ends this process in good order, unless it is ending already."""

    def leave(why: NotAlone) -> None:
        if leaving.is_under_way:
            return  # the host was first: asked twice, we would not announce it
        leaving.why = why
        signal.raise_signal(signal.SIGTERM)  # the way out that a host takes

    return leave


@asynccontextmanager
async def ended_well(life: ShowLife) -> AsyncIterator[None]:
    """Say at a stop in good order that this instance lives no longer, if that works."""
    try:
        yield
    finally:
        with suppress(StorageUnavailable):
            await life.end()


def reconcile_jobs(use_cases: UseCases) -> Sequence[Job]:
    """Name what every instance does by itself; the database shares out the work."""
    return (
        Job(
            name="drive purchases",
            every=WORK_EVERY,
            run=use_cases.drive_purchases(),
        ),
        Job(name="drive owing", every=WORK_EVERY, run=use_cases.drive_owing()),
        Job(name="drive orphans", every=WORK_EVERY, run=use_cases.drive_orphans()),
        Job(
            name="listen back",
            every=LISTEN_EVERY,
            run=use_cases.listen_back(),
        ),
        Job(
            name="retry events",
            every=WORK_EVERY,
            run=use_cases.quarantine().retry_quarantined(),
        ),
        Job(name="flush alerts", every=ROUND_EVERY, run=use_cases.alerts().flush),
        Job(name="keep ledger", every=LEDGER_EVERY, run=use_cases.keep_ledger()),
        Job(
            name="log locks",
            every=ROUND_EVERY,
            run=LockLog(statistics=use_cases.locks().statistics),
        ),
        Job(name="sweep spots", every=ROUND_EVERY, run=use_cases.sweep_spots()),
        Job(
            name="keep findings",
            every=WATCH_EVERY,
            run=use_cases.differences().keep_findings(),
        ),
        Job(
            name="take over telling",
            every=WORK_EVERY,
            run=use_cases.differences().take_over_telling(),
        ),
        Job(name="watch storage", every=LOOK_EVERY, run=use_cases.watch_storage()),
        Job(name="count findings", every=ROUND_EVERY, run=use_cases.count_findings()),
        Job(
            name="watch events",
            every=ROUND_EVERY,
            run=use_cases.quarantine().watch_quarantine(),
        ),
        Job(name="watch mail", every=ROUND_EVERY, run=use_cases.watch_mail()),
        Job(name="watch money", every=ROUND_EVERY, run=use_cases.watch_money()),
        Job(name="watch webhooks", every=ROUND_EVERY, run=use_cases.watch_webhooks()),
    )
