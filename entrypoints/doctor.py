"""How `spothold doctor` is put together: it needs less to be right than the service."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from adapters.mongo.connection import Client, MongoHealth, mongo_client
from adapters.mongo.instances import MongoInstances
from adapters.mongo.probe import MongoProbe
from adapters.smtp.mailer import MailServer
from adapters.smtp.probe import SmtpProbe
from adapters.stripe.probe import StripeProbe
from adapters.system.clock import SystemClock
from application.check_instances import CheckInstances, CheckLock
from application.check_mail import CheckMail
from application.check_provider import CheckClock, CheckProvider, CheckRights
from application.check_storage import (
    CheckDatabase,
    CheckIndexes,
    CheckRows,
    CheckWrites,
)
from application.check_webhooks import CheckEndpoint, CheckSecrets
from application.examine import Check, Examine
from application.ports.clock import Clock
from application.ports.probes import LockProbe, LockSilent
from entrypoints.container import running_database, secret_texts
from entrypoints.settings import Settings


@asynccontextmanager
async def examination(settings: Settings) -> AsyncIterator[Examine]:
    """Open what the checks look through; nothing is created or changed by that.

    Raises:
        NoDatabase: the embedded one did not start.
    """
    clock = SystemClock()
    stripe = StripeProbe(
        settings.stripe_secret_key.get_secret_value(),
        api_base=settings.stripe_api_base,
        clock=clock,
    )
    async with running_database(settings) as uri:
        client = mongo_client(uri)
        try:
            yield Examine(
                checks=[
                    *_of_storage(settings, client, clock),
                    *_of_provider(settings, stripe, clock),
                    _of_mail(settings),
                ]
            )
        finally:
            await client.close()
            await stripe.close()


def _of_storage(settings: Settings, client: Client, clock: Clock) -> Sequence[Check]:
    database = settings.mongodb_database
    probe = MongoProbe(client=client, database=database)
    return (
        CheckDatabase(is_production=settings.is_production, probe=probe),
        CheckIndexes(health=MongoHealth(client=client, database=database)),
        CheckWrites(probe=probe),
        CheckRows(probe=probe),
        CheckInstances(
            clock=clock,
            instances=MongoInstances(client=client, database=database),
            lock=settings.lock_backend,
            is_enforced=settings.single_instance_enforce,
        ),
        CheckLock(probe=_lock_probe(settings)),
    )


class _NoRedis:
    """Stands where the extra `redis` is not installed."""

    async def greet(self) -> None:
        raise LockSilent("needs redis: pip install '.[redis]'")


def _lock_probe(settings: Settings) -> LockProbe | None:
    if settings.lock_backend == "memory" or settings.redis_url is None:
        return None
    try:
        from adapters.redis.probe import RedisProbe  # noqa: PLC0415  # an extra
    except ImportError:
        return _NoRedis()
    return RedisProbe(url=settings.redis_url.get_secret_value())


def _of_provider(
    settings: Settings, probe: StripeProbe, clock: Clock
) -> Sequence[Check]:
    url = settings.webhook_url
    return (
        CheckProvider(
            is_production=settings.is_production,
            livemode=settings.livemode,
            probe=probe,
        ),
        CheckRights(probe=probe),
        CheckClock(probe=probe),
        CheckEndpoint(livemode=settings.livemode, probe=probe, url=url),
        CheckSecrets(clock=clock, probe=probe, secrets=secret_texts(settings), url=url),
    )


def _of_mail(settings: Settings) -> Check:
    server = MailServer.from_url(settings.smtp_url.get_secret_value())
    return CheckMail(probe=SmtpProbe(server=server))
