"""The whole service in this process, over sockets: HTTP, MongoDB, Stripe, SMTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
import uvicorn
from pydantic import SecretStr

from domain.program import Program
from entrypoints.cli.serve import service
from entrypoints.container import Container
from entrypoints.settings import Settings, ShopMode
from entrypoints.shop import beside_the_service
from tests.servers.in_process import served
from tests.servers.service import JWT_SECRET, bearer
from tests.servers.smtp import MailSink, mail_sink
from tests.servers.stripe_simulator import (
    WEBHOOK_SECRET,
    RunningSimulator,
    stripe_simulator,
)

UNLIMITED: Final = "1000000/minute"
WEBHOOK: Final = "/api/webhooks/stripe"
PATIENCE: Final = 60.0  # of a client with a hundred others before it


@dataclass(frozen=True, kw_only=True)
class LiveService:
    """What a test needs: the service, and everything around it."""

    url: str
    http: httpx.AsyncClient
    container: Container
    stripe: RunningSimulator
    mail: MailSink

    async def offer(self, program: Program) -> None:
        await self.container.use_cases().create_program()(program)

    async def check_out(
        self, buyer: str, program_id: str, *, as_class_rep: bool
    ) -> httpx.Response:
        return await self.http.post(
            "/api/purchases/create-checkout-session",
            json={"programId": program_id, "isClassRep": as_class_rep},
            headers=bearer(buyer),
        )

    async def cancel(self, buyer: str, purchase_id: str) -> httpx.Response:
        return await self.http.delete(
            f"/api/purchases/{purchase_id}", headers=bearer(buyer)
        )

    async def rows(self, collection: str) -> list[dict[str, Any]]:
        database = self.container.settings().mongodb_database
        found = self.container.mongo()[database][collection].find({})
        return await found.to_list()


@asynccontextmanager
async def live_service(
    mongo_uri: str,
    database: str,
    *,
    prepare: Callable[[Container], None] = lambda _: None,
    reconciles: bool = True,
    port: int | None = None,
) -> AsyncIterator[LiveService]:
    """Run all of it for the body of an `async with`.

    Args:
        mongo_uri: a running server.
        database: its name, fresh.
        prepare: may put something else in the container before anything is built.
        reconciles: the background jobs run too.
        port: serve the pages as well, at an address that they must know before.
    """
    async with stripe_simulator() as stripe, mail_sink() as mail:
        pages: dict[str, Any] = {} if port is None else _pages(port)
        settings = Settings(
            **pages,
            stripe_secret_key=SecretStr("sk_test_spothold"),
            stripe_webhook_secret=(SecretStr(WEBHOOK_SECRET),),
            stripe_api_base=stripe.url,
            smtp_url=SecretStr(mail.url),
            mongodb_uri=SecretStr(mongo_uri),
            mongodb_database=database,
            jwt_secret=SecretStr(JWT_SECRET),
            stripe_requests_per_second=1_000,
            requests_waiting=256,
            rate_limit_checkout=UNLIMITED,
            rate_limit_cancel=UNLIMITED,
            rate_limit_webhook=UNLIMITED,
            rate_limit_address=UNLIMITED,
        )
        container = Container(settings=settings, mongodb_uri=mongo_uri)
        prepare(container)
        app = service(container, settings, reconciles=reconciles)
        config = uvicorn.Config(
            container.tracing().around(beside_the_service(app, settings)),
            port=port or 0,
            lifespan="on",
            log_config=None,
        )
        connections = httpx.Limits(max_connections=None)
        async with (
            served(uvicorn.Server(config)) as url,
            httpx.AsyncClient(
                base_url=url, timeout=PATIENCE, limits=connections
            ) as http,
        ):
            await stripe.webhooks(url=f"{url}{WEBHOOK}")
            yield LiveService(
                url=url, http=http, container=container, stripe=stripe, mail=mail
            )


def _pages(port: int) -> dict[str, Any]:
    return {
        "storefront": ShopMode.DEMO,
        "frontend_url": f"http://127.0.0.1:{port}",
    }


async def all_at_once(*requests: Any) -> list[httpx.Response]:
    """Send them all before the first is answered."""
    return list(await asyncio.gather(*requests))
