import json
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest
import stripe
from dependency_injector import providers

from adapters.in_memory.locks import InMemoryKeyedLock
from entrypoints.container import Container
from tests.examples import CHOIR, a_program
from tests.fakes.locks import NoLock
from tests.races.unguarded import CheckThenPush, CountDown, WriteBlindly
from tests.servers.live_service import (
    WEBHOOK,
    LiveService,
    all_at_once,
    live_service,
)
from tests.servers.stripe_simulator import WEBHOOK_SECRET
from tests.waiting import eventually

SPOTS: Final = 10
BUYERS: Final = 100
CLICKS: Final = 100
COPIES: Final = 100
CANCELS: Final = 50
LOCKS: Final = {"lock": InMemoryKeyedLock, "no lock": NoLock}
Prepare = Callable[[Container], None]


@pytest.fixture(params=LOCKS)
def lock(request: pytest.FixtureRequest) -> Prepare:
    """Put the named lock into the container."""
    make = LOCKS[request.param]

    def prepare(container: Container) -> None:
        container.locks.override(providers.Object(make()))

    return prepare


def with_fault(**replaced: Any) -> Prepare:
    """Take the lock out, which would only hide it, and put the faulty parts in."""

    def prepare(container: Container) -> None:
        container.locks.override(providers.Object(NoLock()))
        for name, part in replaced.items():
            getattr(container, name).override(providers.Object(part))

    return prepare


async def buyers_race(service: LiveService) -> Counter[int]:
    await service.offer(a_program(class_rep_limit=SPOTS))
    answers = await all_at_once(
        *(ask_until_answered(service, f"buyer{n}") for n in range(BUYERS))
    )
    return Counter(answer.status_code for answer in answers)


async def ask_until_answered(service: LiveService, buyer: str) -> httpx.Response:
    """Ask again after a 503, as it says: an overloaded database is no answer."""
    while True:
        answer = await service.check_out(buyer, CHOIR, as_class_rep=True)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return answer
        assert "Retry-After" in answer.headers


async def test_a_hundred_buyers_get_ten_spots(
    mongo_uri: str, database_name: str, lock: Prepare
) -> None:
    async with live_service(mongo_uri, database_name, prepare=lock) as service:
        assert await buyers_race(service) == {200: SPOTS, 409: BUYERS - SPOTS}
        [program] = await service.rows("programs")
        assert len(set(program["spots"])) == program["class_rep_count"] == SPOTS
        assert await service.stripe.count("POST /v1/checkout/sessions") == SPOTS


async def test_buyers_of_a_check_that_is_not_atomic_get_more_than_there_are(
    mongo_uri: str, database_name: str
) -> None:
    fault = with_fault(programs=CheckThenPush())
    async with live_service(mongo_uri, database_name, prepare=fault) as service:
        assert (await buyers_race(service))[200] > SPOTS


async def one_buyer_clicks(service: LiveService) -> tuple[set[str], set[int]]:
    answers = await all_at_once(
        *(service.check_out("ada", CHOIR, as_class_rep=True) for _ in range(CLICKS))
    )
    bought = {a.json()["data"]["purchaseId"] for a in answers if a.is_success}
    return bought, {answer.status_code for answer in answers}


async def test_a_hundred_clicks_of_one_buyer_buy_once(
    mongo_uri: str, database_name: str, lock: Prepare
) -> None:
    async with live_service(mongo_uri, database_name, prepare=lock) as service:
        await service.offer(a_program(class_rep_limit=SPOTS))
        bought, statuses = await one_buyer_clicks(service)
        assert len(bought) == 1
        assert statuses <= {200, 503}
        assert len(await service.rows("purchases")) == 1
        _, sessions, _ = await service.stripe.call("GET", "/v1/checkout/sessions")
        assert len(sessions["data"]) == 1


async def test_clicks_without_the_index_buy_more_than_once(
    mongo_uri: str, database_name: str
) -> None:
    fault = with_fault()
    async with live_service(mongo_uri, database_name, prepare=fault) as service:
        await service.offer(a_program(class_rep_limit=0))
        purchases = service.container.mongo()[database_name]["purchases"]
        await purchases.drop_index("one_live_purchase")
        bought, _ = await one_buyer_clicks(service)
        assert len(bought) > 1


async def one_event_comes_often(service: LiveService) -> tuple[list[str], set[int]]:
    """Return what completed the purchase, as its log tells, and the answers."""
    await service.offer(a_program())
    await service.stripe.webhooks(paused=True)
    answer = await service.check_out("ada", CHOIR, as_class_rep=True)
    await service.stripe.press(answer.json()["data"]["sessionId"], "pay")
    query = "type=checkout.session.completed"
    _, events, _ = await service.stripe.call("GET", f"/v1/events?{query}")
    body = json.dumps(events["data"][0])
    signature = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET)
    signed = {"Stripe-Signature": signature, "Content-Type": "application/json"}
    answers = await all_at_once(
        *(
            service.http.post(WEBHOOK, content=body, headers=signed)
            for _ in range(COPIES)
        )
    )
    [row] = await service.rows("purchases")
    completions = [entry["by"] for entry in row["log"] if entry["to"] == "completed"]
    return completions, {answer.status_code for answer in answers}


async def test_a_hundred_copies_of_one_event_complete_once_and_mail_once(
    mongo_uri: str, database_name: str, lock: Prepare
) -> None:
    async with live_service(mongo_uri, database_name, prepare=lock) as service:
        completions, statuses = await one_event_comes_often(service)
        assert len(completions) == 1
        assert statuses == {200}
        await eventually(lambda: mails_of(service))
    assert len(service.mail.messages()) == 1


async def mails_of(service: LiveService) -> bool:
    """Say whether the mail that is owed was marked as sent."""
    [row] = await service.rows("purchases")
    return bool(row["effects"]["confirm"]["state"] == "sent")


async def test_copies_of_an_event_written_blindly_complete_more_than_once(
    mongo_uri: str, database_name: str
) -> None:
    fault = with_fault(purchases=WriteBlindly())
    async with live_service(
        mongo_uri,
        database_name,
        prepare=fault,
        reconciles=False,  # whose reads would leave a copy without its other half
    ) as service:
        completions, _ = await one_event_comes_often(service)
        assert len(completions) > 1


async def one_buyer_cancels_often(service: LiveService) -> tuple[set[int], int]:
    """Return the answers, and how many spots are counted; another buyer holds one."""
    await service.offer(a_program(class_rep_limit=SPOTS))
    await service.check_out("grace", CHOIR, as_class_rep=True)
    answer = await service.check_out("ada", CHOIR, as_class_rep=True)
    purchase_id = answer.json()["data"]["purchaseId"]
    answers = await all_at_once(
        *(service.cancel("ada", purchase_id) for _ in range(CANCELS))
    )
    [program] = await service.rows("programs")
    return {answer.status_code for answer in answers}, program["class_rep_count"]


async def test_fifty_cancels_release_one_spot(
    mongo_uri: str, database_name: str, lock: Prepare
) -> None:
    async with live_service(mongo_uri, database_name, prepare=lock) as service:
        statuses, taken = await one_buyer_cancels_often(service)
        assert statuses <= {200, 202}
        assert taken == 1


async def test_cancels_that_count_down_release_more_than_was_held(
    mongo_uri: str, database_name: str
) -> None:
    fault = with_fault(programs=CountDown())
    async with live_service(mongo_uri, database_name, prepare=fault) as service:
        _, taken = await one_buyer_cancels_often(service)
        assert taken < 1
