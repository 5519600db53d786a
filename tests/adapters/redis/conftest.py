from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.servers.redis import RedisServer


@pytest.fixture
async def client(shared_redis: RedisServer) -> AsyncIterator[Redis]:
    """Look at what the locks keep, behind their backs."""
    await shared_redis.ready()
    async with Redis.from_url(shared_redis.url) as client:
        await client.flushall()
        yield client
