"""The HTTP service, put together around use cases that are already configured."""

import tomllib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from time import monotonic
from typing import Any, Final, cast

from litestar import Litestar, Request
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from entrypoints.http.admin_events import AdminEventController
from entrypoints.http.admin_findings import AdminFindingController
from entrypoints.http.admin_mails import AdminMailController
from entrypoints.http.admin_orphans import AdminOrphanController
from entrypoints.http.admin_programs import AdminProgramController
from entrypoints.http.admin_purchases import AdminPurchaseController
from entrypoints.http.admission import Admission
from entrypoints.http.archive import ArchiveController
from entrypoints.http.audit import AuditController
from entrypoints.http.auth import Authenticate, Caller
from entrypoints.http.background import MailLoop
from entrypoints.http.bodies import BODY_MAX, StrictRequest
from entrypoints.http.checkout import CheckoutController
from entrypoints.http.guards import OneByOne
from entrypoints.http.headers import Envelope
from entrypoints.http.idempotency import (
    HEADER,
    REPLAYED,
    HonourKeys,
    KeepAnswers,
    request_name,
)
from entrypoints.http.jobs import JobRunner
from entrypoints.http.leaving import Leaving
from entrypoints.http.limits import RateLimits
from entrypoints.http.log_names import bind_path_names
from entrypoints.http.metrics import AdmitScrapers, Figures, MetricsController
from entrypoints.http.openapi import openapi_config
from entrypoints.http.operations import OperationsController, Readiness, Vitality
from entrypoints.http.problems import answer
from entrypoints.http.programs import ProgramController
from entrypoints.http.purchases import PurchaseController
from entrypoints.http.refunds import RefundController
from entrypoints.http.stats import StatsController
from entrypoints.http.tokens import TokenVerifier, tokens_of
from entrypoints.http.webhook import (
    CountedEvents,
    WebhookController,
)
from entrypoints.rehearsal.replay import RehearseReplay
from entrypoints.settings import Settings
from entrypoints.use_cases import UseCases

CONTROLLERS: Final = (
    CheckoutController,
    PurchaseController,
    RefundController,
    AdminProgramController,
    AdminPurchaseController,
    ArchiveController,
    StatsController,
    AuditController,
    AdminFindingController,
    AdminOrphanController,
    AdminEventController,
    AdminMailController,
    ProgramController,
    WebhookController,
    OperationsController,
    MetricsController,
)
# Handlers name what they need; these are the providers of the same name.
USE_CASES: Final = (
    "act_on_program",
    "act_on_purchase",
    "cancel_purchase",
    "change_program",
    "check_access",
    "preview_refund",
    "create_program",
    "preview_prices",
    "refund_eligibility",
    "request_refund",
    "retry_checkout",
    "start_checkout",
    "take_stock",
    "verify_session",
    "view_archive",
    "view_audit",
    "view_programs",
    "view_programs_as_admin",
    "view_purchases",
    "view_unsent_mail",
    "view_spots",
)
# Those of the smaller containers inside, by the name of theirs.
INNER_USE_CASES: Final = {
    "repair_finding": "differences",
    "replay_by_hand": "quarantine",
    "view_findings": "differences",
    "view_orphans": "differences",
    "view_quarantine": "quarantine",
}
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[Any]]


def create_app(
    use_cases: UseCases,
    settings: Settings,
    *,
    lifespan: Sequence[Lifespan] = (),
    mail_loop: MailLoop | None = None,
    jobs: JobRunner | None = None,
    leaving: Leaving | None = None,
    tokens: TokenVerifier | None = None,
) -> Litestar:
    """Assemble the service.

    Args:
        use_cases: every port filled.
        settings: who may ask, how often, from where.
        lifespan: what is open while the service runs, entered in this order.
        mail_loop: entered after all of `lifespan` and left before it.
        jobs: entered after the mail loop and left before it.
        leaving: whether the process was told to end.
        tokens: who verifies tokens, if not the verifier that the settings ask for.
    """
    version = service_version()
    beside = [mail_loop, jobs]
    leaving = leaving or Leaving()
    app = Litestar(
        route_handlers=CONTROLLERS,
        before_request=bind_path_names,
        cors_config=_cors(settings),
        debug=False,
        dependencies=_dependencies(
            use_cases,
            settings,
            version,
            mail_loop=mail_loop,
            jobs=jobs,
            leaving=leaving,
        ),
        exception_handlers={Exception: answer},
        guards=[
            OneByOne(
                (
                    Authenticate(tokens=tokens or tokens_of(settings)),
                    RateLimits.of(settings),
                    AdmitScrapers(token=settings.metrics_token),
                    HonourKeys(claim_key=use_cases.claim_key),
                )
            )
        ],
        lifespan=[*lifespan, *(_kept_open(it) for it in beside if it is not None)],
        logging_config=None,
        openapi_config=openapi_config(
            version=version, is_production=settings.is_production
        ),
        request_class=StrictRequest,
        request_max_body_size=BODY_MAX,
    )
    kept = KeepAnswers(
        app=_behind_proxies(app, settings), keep_answer=use_cases.keep_answer
    )
    admission = Admission.before(
        kept, settings, cors=app.cors_config, metrics=use_cases.metrics
    )
    app.asgi_handler = Envelope.around(
        admission,
        settings,
        clock=use_cases.clock,
        leaving=leaving,
        metrics=use_cases.metrics,
        trail=use_cases.trail,
    )
    return app


def _kept_open(it: AbstractAsyncContextManager[Any]) -> Lifespan:
    return lambda _app: it


def service_version() -> str:
    """Read the version from the checkout that runs (docs/adr/0004)."""
    project = Path(__file__).parents[2] / "pyproject.toml"
    return str(tomllib.loads(project.read_text())["project"]["version"])


def _cors(settings: Settings) -> CORSConfig | None:
    if not settings.cors_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", HEADER, "X-Request-Id"],
        expose_headers=[REPLAYED, "Retry-After", "X-Request-Id"],
    )


def _behind_proxies(app: Litestar, settings: Settings) -> ASGIApp:
    """Believe `X-Forwarded-For` from the proxies that we know, and from nobody else."""
    if not settings.trusted_proxies:
        return app.asgi_handler
    proxies = ProxyHeadersMiddleware(
        cast("Any", app.asgi_handler), trusted_hosts=list(settings.trusted_proxies)
    )
    return cast("ASGIApp", proxies)


def _dependencies(
    use_cases: UseCases,
    settings: Settings,
    version: str,
    *,
    mail_loop: MailLoop | None,
    jobs: JobRunner | None,
    leaving: Leaving,
) -> dict[str, Provide]:
    """Name what handlers may ask for: use cases and finished values, never ports.

    Litestar starts a task for each where a handler asks for more than one; those that
    are called most ask for one (docs/adr/0033).
    """
    vitality = Vitality(version=version, started=monotonic(), now=monotonic)

    def caller(request: Request[Caller, Any, Any]) -> Caller:
        return request.user

    def readiness() -> Readiness:
        return Readiness(
            health=use_cases.health(),
            is_embedded=settings.mongodb_uri is None,
            mail_loop=mail_loop,
            jobs=jobs,
            leaving=leaving,
        )

    def figures() -> Figures:
        return Figures(
            jobs=jobs,
            metrics=use_cases.metrics(),
            statistics=use_cases.locks().statistics,
        )

    def receive_event() -> CountedEvents:
        return CountedEvents(
            clock=use_cases.clock(),
            hearing=use_cases.hearing(),
            metrics=use_cases.metrics(),
            receive=use_cases.receive_event(),
            trail=use_cases.trail(),
            verify=use_cases.verify_event(),
        )

    return {
        "caller": Provide(caller, sync_to_thread=False),
        "figures": _given(figures),
        "readiness": _given(readiness),
        "rehearse_replay": _given(lambda: RehearseReplay(use_cases)),
        "receive_event": _given(receive_event),
        "request_name": Provide(request_name, sync_to_thread=False),
        "statistics": _given(lambda: use_cases.locks().statistics()),
        "vitality": _given(lambda: vitality),
        **{name: _given(getattr(use_cases, name)) for name in USE_CASES},
        **{
            name: _given(_inner(use_cases, part, name))
            for name, part in INNER_USE_CASES.items()
        },
    }


def _inner(use_cases: UseCases, part: str, name: str) -> Callable[[], Any]:
    def give() -> Any:
        return getattr(getattr(use_cases, part)(), name)()

    return give


def _given(provider: Callable[[], Any]) -> Provide:
    """Wrap a provider in a function: Litestar cannot read a provider's signature."""

    def give() -> Any:
        return provider()

    return Provide(give, sync_to_thread=False)
