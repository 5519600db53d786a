"""The database falls silent: no refusal, no reset, just no answer any more."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic

from tests.examples import CHOIR, a_program
from tests.servers.live_service import live_service
from tests.servers.proxy import Moment, mongo_frame, watched

PATIENCE = 5.0  # seconds until a buyer is told to come back
CREATE = "POST /v1/checkout/sessions"


@dataclass
class Silence:
    """Lets nothing through to the database until it is over."""

    over: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.over.set()

    async def watch(self, name: str, moment: Moment) -> None:
        await self.over.wait()


async def test_a_database_that_falls_silent_is_a_503_within_five_seconds(
    mongo_uri: str, database_name: str
) -> None:
    silence = Silence()
    async with (
        watched(mongo_uri, mongo_frame, silence.watch) as uri,
        live_service(uri, database_name) as service,
    ):
        await service.offer(a_program())
        silence.over.clear()
        begun = monotonic()
        refused = await service.check_out("ada", CHOIR, as_class_rep=True)
        took = monotonic() - begun

        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert took < PATIENCE
        assert await service.stripe.count(CREATE) == 0

        silence.over.set()
        begun = monotonic()
        answer = await service.check_out("ada", CHOIR, as_class_rep=True)
        assert answer.status_code == 200
        assert monotonic() - begun < PATIENCE
        [program] = await service.rows("programs")
        assert program["spots"] == [answer.json()["data"]["purchaseId"]]
        assert await service.stripe.count(CREATE) == 1
