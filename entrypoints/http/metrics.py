"""Figures for Prometheus: for whoever has the token, and for this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Final

from litestar import Controller, MediaType, Response, get
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from pydantic import SecretStr

from application.ports.locks import LockStatistics
from application.ports.metrics import Metrics
from entrypoints.http import samples
from entrypoints.http.auth import SCRAPERS_ONLY, bearer_token
from entrypoints.http.jobs import JobRunner
from entrypoints.http.limits import RATE_LIMITS, Limit, is_loopback
from entrypoints.http.openapi import refusals_of_all
from entrypoints.http.refusals import NotAuthenticated

RELAYED: Final = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitScrapers:
    """A guard for the whole app: figures are for the token or the loopback address.

    What a proxy on this machine passes on comes from the loopback address too; it says
    so in a header, and is not admitted without the token.
    """

    token: SecretStr | None

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        """Let the request pass.

        Raises:
            NotAuthenticated: neither the token nor this machine.
        """
        if handler.opt.get(SCRAPERS_ONLY) is not True or _is_local(connection):
            return
        offered = bearer_token(connection.headers.getall("Authorization", []))
        wanted = self.token.get_secret_value() if self.token else None
        if wanted is None or not compare_digest(offered.encode(), wanted.encode()):
            raise NotAuthenticated(reason="not the scrape token")


def _is_local(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    address = connection.client.host if connection.client else ""
    return is_loopback(address) and not any(
        name in connection.headers for name in RELAYED
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that is counted, and what is best asked at the moment of a scrape."""

    jobs: JobRunner | None
    metrics: Metrics
    statistics: Callable[[], LockStatistics]

    def __call__(self) -> Response[bytes]:
        self.metrics.show_locks(self.statistics())
        if self.jobs is not None:
            self.metrics.show_jobs(self.jobs.since_success, every=self.jobs.every)
        exposition = self.metrics.exposition()
        return Response(exposition.body, media_type=exposition.content_type)


class MetricsController(Controller):
    path = "/api/system/metrics"
    tags = ("Operations",)

    @get(
        media_type=MediaType.TEXT,
        opt={SCRAPERS_ONLY: True, RATE_LIMITS: (Limit.ADDRESS,)},
        responses=refusals_of_all(samples.NO_TOKEN, samples.TOO_MANY),
        summary="Show the figures that Prometheus scrapes",
        sync_to_thread=False,
    )
    def metrics(self, figures: NamedDependency[Figures]) -> Response[bytes]:
        return figures()
