"""Alerts are posted to a real server, signed, with patience that has an end."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from adapters.webhook.alerts import TRIES_MAX, PostedAlerts, posted_alerts
from adapters.webhook.signing import key_of, signature
from application.ports.alerts import Alert, AlertNotTold, Bundle
from entrypoints.simulation.outside.clock import NOON, ManualClock
from tests.servers.webhook_receiver import Receiver, webhook_receiver

KEY = b"thirty-two bytes that sign alerts"
SECRET = "whsec_" + b64encode(KEY).decode()
AT_ONCE = timedelta(0)
STRAY = Alert(
    code="finding_stray_spot",
    message="Reconcile found a difference: stray spot.",
    next_step="Find out where its purchase went.",
    facts={"subject": "choir/ghost", "spots": 2, "status": None},
)
BUNDLE = Bundle(alerts=(STRAY,))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with webhook_receiver() as receiver:
        yield receiver


def way_to(url: str) -> PostedAlerts:
    way = posted_alerts(
        url=url, secret=SECRET, environment="production", clock=ManualClock()
    )
    assert way is not None
    return replace(way, pause=AT_ONCE)


async def test_it_is_json_that_a_chat_tool_and_a_program_can_read(
    receiver: Receiver,
) -> None:
    await way_to(receiver.url).tell(BUNDLE)

    [body] = receiver.bodies
    assert json.loads(body) == {
        "type": "spothold.alert",
        "timestamp": "2026-03-02T12:00:00+00:00",
        "text": "[Spothold production] finding_stray_spot: "
        "Reconcile found a difference: stray spot.\n"
        "Next step: Find out where its purchase went.\n"
        "subject: choir/ghost\nspots: 2\nstatus: None",
        "data": {
            "environment": "production",
            "code": "finding_stray_spot",
            "message": "Reconcile found a difference: stray spot.",
            "nextStep": "Find out where its purchase went.",
            "facts": {"subject": "choir/ghost", "spots": 2, "status": None},
            "also": [],
            "more": 0,
        },
    }
    assert receiver.headers[0]["Content-Type"] == "application/json"


async def test_those_that_were_held_back_stand_below_it(receiver: Receiver) -> None:
    other = replace(STRAY, facts={"subject": "choir/other"})

    await way_to(receiver.url).tell(Bundle(alerts=(STRAY, other), more=3))

    [told] = receiver.events
    assert told["text"].endswith(
        "Also: Reconcile found a difference: stray spot. subject: choir/other\n"
        "And 3 more of these, which are in the log."
    )
    assert [each["facts"] for each in told["data"]["also"]] == [other.facts]


async def test_it_is_signed_as_standard_webhooks_says(receiver: Receiver) -> None:
    await way_to(receiver.url).tell(BUNDLE)

    [headers], [body] = receiver.headers, receiver.bodies
    message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    assert timestamp == str(int(NOON.timestamp()))
    signed = f"{message_id}.{timestamp}.{body}".encode()
    digest = hmac.new(KEY, signed, sha256).digest()
    version, said = headers["webhook-signature"].split(",")
    assert (version, b64decode(said)) == ("v1", digest)


def test_the_signature_is_that_of_the_published_example() -> None:
    # From the tests of the reference libraries, github.com/standard-webhooks.
    said = signature(
        key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_what_is_not_taken_is_tried_again_under_the_same_id(
    receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]

    await way_to(receiver.url).tell(BUNDLE)

    first, second = receiver.headers
    assert first["webhook-id"] == second["webhook-id"]
    assert receiver.bodies[0] == receiver.bodies[1]


async def test_two_messages_have_two_ids(receiver: Receiver) -> None:
    for _ in range(2):
        await way_to(receiver.url).tell(BUNDLE)

    assert len({headers["webhook-id"] for headers in receiver.headers}) == 2


async def test_patience_has_an_end(receiver: Receiver) -> None:
    receiver.answers = [500] * 9

    with pytest.raises(AlertNotTold, match="HTTP 500"):
        await way_to(receiver.url).tell(BUNDLE)

    assert len(receiver.bodies) == TRIES_MAX


@pytest.mark.parametrize("status", [302, 307, 400, 404, 410])
async def test_what_is_refused_for_good_is_not_tried_again_nor_followed(
    receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]

    with pytest.raises(AlertNotTold, match=f"HTTP {status}"):
        await way_to(receiver.url).tell(BUNDLE)

    assert len(receiver.bodies) == 1


async def test_a_server_that_hangs_is_waited_for_only_a_while(
    receiver: Receiver,
) -> None:
    receiver.hangs = True
    way = replace(way_to(receiver.url), timeout=timedelta(milliseconds=50))

    with pytest.raises(AlertNotTold, match="ReadTimeout"):
        await way.tell(BUNDLE)

    assert len(receiver.bodies) == TRIES_MAX


async def test_a_server_that_is_not_there_is_told_without_its_address() -> None:
    with pytest.raises(AlertNotTold) as refused:
        await way_to("http://127.0.0.1:1/hooks/secret").tell(BUNDLE)

    assert refused.value.why == "ConnectError"
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(("url", "secret"), [(None, SECRET), ("https://x", None)])
def test_without_an_address_or_a_secret_nothing_is_posted(
    url: str | None, secret: str | None
) -> None:
    way = posted_alerts(url=url, secret=secret, environment="x", clock=ManualClock())
    assert way is None
