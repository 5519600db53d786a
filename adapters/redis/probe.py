from dataclasses import dataclass, field

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from adapters.redis.locks import SILENT
from application.ports.probes import LockSilent

PATIENCE = 3.0  # seconds; a doctor may wait longer than a buyer


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisProbe:
    url: str = field(repr=False)

    async def greet(self) -> None:
        client = Redis.from_url(
            self.url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), retries=0),
        )
        try:
            await client.ping()
        except SILENT as error:
            raise LockSilent(type(error).__name__) from error
        finally:
            await client.aclose()
