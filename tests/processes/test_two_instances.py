"""Two processes on one database, as there are for a minute on each deploy."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import httpx
from pymongo import AsyncMongoClient

from entrypoints.container import program_use_cases
from entrypoints.settings import StorageSettings
from tests.examples import CHOIR, a_program
from tests.servers.service import (
    ServiceProcess,
    bearer,
    service_environment,
    service_process,
)
from tests.servers.smtp import mail_sink
from tests.servers.stripe_simulator import stripe_simulator

SPOTS: Final = 10
BUYERS: Final = 40
CLICKS: Final = 20
CHECKOUT: Final = "/api/purchases/create-checkout-session"


async def test_two_processes_sell_as_one(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    settings = StorageSettings(mongodb_uri=mongo_uri, mongodb_database=database_name)
    async with AsyncExitStack() as stack:
        stripe = await stack.enter_async_context(stripe_simulator())
        mail = await stack.enter_async_context(mail_sink())
        instances = []
        for name in ("old", "new"):
            folder = tmp_path / name
            folder.mkdir()
            environment = service_environment(
                mongodb_uri=mongo_uri,
                database=database_name,
                stripe_url=stripe.url,
                smtp_url=mail.url,
            )
            instance = service_process(folder, environment)
            instances.append(await stack.enter_async_context(instance))
        async with program_use_cases(settings) as (create_program, _):
            await create_program(a_program(class_rep_limit=SPOTS))
        client = await stack.enter_async_context(
            AsyncMongoClient[dict[str, Any]](mongo_uri)
        )

        clicks = await click(instances, ["ada"] * CLICKS)
        assert {answer.status_code for answer in clicks} == {200}
        assert len({answer.json()["data"]["sessionId"] for answer in clicks}) == 1

        rest = await click(instances, [f"buyer{n}" for n in range(BUYERS)])
        statuses = Counter(answer.status_code for answer in rest)
        assert statuses == {200: SPOTS - 1, 409: BUYERS - SPOTS + 1}

        program = await client[database_name]["programs"].find_one({"_id": CHOIR})
        assert program is not None
        assert len(program["spots"]) == program["class_rep_count"] == SPOTS
        _, sessions, _ = await stripe.call("GET", "/v1/checkout/sessions?limit=100")
        assert len(sessions["data"]) == SPOTS


async def click(
    instances: list[ServiceProcess], buyers: list[str]
) -> list[httpx.Response]:
    """Let each buyer click once, all at once, by turns on the one and the other."""
    async with httpx.AsyncClient(timeout=60) as http:
        return await asyncio.gather(
            *(
                http.post(
                    instances[n % len(instances)].url + CHECKOUT,
                    json={"programId": CHOIR, "isClassRep": True},
                    headers=bearer(buyer),
                )
                for n, buyer in enumerate(buyers)
            )
        )
