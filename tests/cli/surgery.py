"""All that `spothold doctor` looks at, in good health: a test breaks one thing."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from pymongo import AsyncMongoClient

from adapters.mongo.connection import connected, mongo_client
from domain.checkups import Checkup, Verdict
from entrypoints.doctor import examination
from tests.contracts.storage import UNHURRIED
from tests.servers.service import JWT_SECRET
from tests.servers.smtp import MailSink, mail_sink
from tests.servers.stripe_simulator import RunningSimulator, stripe_simulator
from tests.servers.webhook_receiver import Receiver, webhook_receiver
from tests.test_settings import settings

WEBHOOK: Final = "/api/webhooks/stripe"
SECRET: Final = "whsec_" + "tests" * 6
A_WHILE: Final = 600  # seconds; longer than a delivery may be under way


@dataclass(frozen=True, kw_only=True)
class Patient:
    """`environment`: the settings, under the names that a command reads."""

    stripe: RunningSimulator
    mail: MailSink
    receiver: Receiver
    client: AsyncMongoClient[dict[str, Any]]
    environment: dict[str, str]

    @property
    def database(self) -> Any:
        return self.client[self.environment["MONGODB_DATABASE"]]

    async def looked_at(self, **changes: str) -> dict[str, Checkup]:
        """Let the doctor look, with some settings changed; return the checkups."""
        given = {name.lower(): value for name, value in self.environment.items()}
        async with examination(settings(**{**given, **changes})) as examine:
            return {each.name: each for each in await examine()}

    async def broken(self, **changes: str) -> dict[str, str]:
        """Return what is broken, and what is said of it."""
        found = await self.looked_at(**changes)
        return {
            name: each.said
            for name, each in found.items()
            if each.verdict is Verdict.BROKEN
        }

    async def something_happens_at_stripe(self) -> None:
        """Open and close a session a while ago, so that Stripe has told of it."""
        await self.stripe.control("POST", "/clock", offset=-A_WHILE)
        form = (
            "mode=payment&success_url=https://x.example&line_items[0][quantity]=1"
            "&line_items[0][price_data][currency]=usd"
            "&line_items[0][price_data][unit_amount]=1000"
            "&line_items[0][price_data][product_data][name]=Choir"
        )
        _, session, _ = await self.stripe.call("POST", "/v1/checkout/sessions", form)
        expire = f"/v1/checkout/sessions/{session['id']}/expire"
        await self.stripe.call("POST", expire)
        await self.stripe.flush()
        await self.stripe.control("POST", "/clock", offset=0)


@asynccontextmanager
async def patient(mongo_uri: str, database: str) -> AsyncIterator[Patient]:
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        receiver = await enter(webhook_receiver(WEBHOOK))
        stripe = await enter(
            stripe_simulator(
                webhook_urls=[receiver.url], webhook_secret=SECRET, retry_delays=()
            )
        )
        mail = await enter(mail_sink())
        client = mongo_client(mongo_uri, patience=UNHURRIED)
        await enter(connected(client, database=database))
        yield Patient(
            stripe=stripe,
            mail=mail,
            receiver=receiver,
            client=client,
            environment={
                "JWT_SECRET": JWT_SECRET,
                "MONGODB_URI": mongo_uri,
                "MONGODB_DATABASE": database,
                "PUBLIC_URL": receiver.url.removesuffix(WEBHOOK),
                "SMTP_URL": mail.url,
                "STRIPE_API_BASE": stripe.url,
                "STRIPE_SECRET_KEY": "sk_test_spothold",
                "STRIPE_WEBHOOK_SECRET": SECRET,
            },
        )
