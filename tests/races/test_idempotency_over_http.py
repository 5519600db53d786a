"""One named request, sent many times at once over sockets, to MongoDB and Stripe."""

from collections import Counter
from datetime import datetime
from typing import Any, Final

import httpx
from dependency_injector import providers

from adapters.mongo.idempotency import MongoIdempotencyKeys
from entrypoints.cli.tokens import Role
from entrypoints.container import Container
from tests.races.test_refunds_over_http import REFUNDS, bought
from tests.servers.live_service import LiveService, all_at_once, live_service
from tests.servers.service import bearer

REPEATS: Final = 20
PART: Final = 500


class LetEverybodyThrough(MongoIdempotencyKeys):
    """The storage of keys less its one guard."""

    async def begin(
        self,
        key: str,
        *,
        fingerprint: str,
        at: datetime,
        until: datetime,
        expires_at: datetime,
    ) -> bool:
        await super().begin(
            key, fingerprint=fingerprint, at=at, until=until, expires_at=expires_at
        )
        return True


async def repeats(service: LiveService, row: dict[str, Any]) -> list[httpx.Response]:
    """Send one refund in part many times at once, then once more."""

    async def ask() -> httpx.Response:
        return await service.http.post(
            f"/api/admin/purchases/{row['_id']}/refund",
            json={"reason": "half of it was cancelled", "amount": PART},
            headers={**bearer("root", role=Role.ADMIN), "Idempotency-Key": "k-1"},
        )

    answers = await all_at_once(*(ask() for _ in range(REPEATS)))
    return [*answers, await ask()]


async def executions(service: LiveService) -> int:
    """Count how often the work began: each time an act is written down."""
    [row] = await service.rows("purchases")
    return len(row["acts"])


async def test_a_named_refund_is_given_once(mongo_uri: str, database_name: str) -> None:
    async with live_service(mongo_uri, database_name, reconciles=False) as service:
        row = await bought(service)

        *answers, last = await repeats(service, row)

        told = Counter(each.status_code for each in answers)
        assert set(told) <= {200, 409}, told
        assert told[200] >= 1
        bodies = {each.content for each in (*answers, last) if each.is_success}
        assert len(bodies) == 1
        assert last.headers["idempotency-replayed"] == "true"
        assert await executions(service) == 1
        assert await service.stripe.count(REFUNDS) == 1


async def test_without_the_guard_it_is_done_more_than_once_and_still_paid_once(
    mongo_uri: str, database_name: str
) -> None:
    def prepare(container: Container) -> None:
        container.idempotency_keys.override(providers.Object(LetEverybodyThrough()))

    async with live_service(
        mongo_uri, database_name, prepare=prepare, reconciles=False
    ) as service:
        row = await bought(service)

        await repeats(service, row)

        assert await executions(service) > 1
        [row] = await service.rows("purchases")
        assert [refund["amount"] for refund in row["refunds"]] == [PART]


async def test_an_answer_outlives_the_process(
    mongo_uri: str, database_name: str
) -> None:
    async with live_service(mongo_uri, database_name, reconciles=False) as service:
        row = await bought(service)
        first = (await repeats(service, row))[-1]
    async with live_service(mongo_uri, database_name, reconciles=False) as service:
        second = (await repeats(service, row))[0]

        assert second.content == first.content
        assert await executions(service) == 1
