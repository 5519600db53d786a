"""The whole corpus of signatures, as requests: doubt is 400 or 413, and never 500."""

from collections.abc import AsyncIterator
from typing import Final

import httpx
import pytest
from dependency_injector import providers

from adapters.stripe.webhooks import StripeWebhookVerifier
from entrypoints.simulation.outside.clock import NOON, ManualClock
from tests.adapters.stripe import objects
from tests.adapters.stripe.signing import SECRET
from tests.adapters.stripe.test_signature_corpus import ACCEPTED, REFUSED, UNREADABLE
from tests.http.service import WEBHOOK, Http, Service, refused

OTHER_MODE: Final = "the other mode"
TOO_LARGE: Final = "257 kB"


@pytest.fixture
async def stripes() -> AsyncIterator[Http]:
    """A service that knows the secret of the corpus, at the time of the corpus."""
    assert objects.NOON == NOON
    service = Service()
    service.use_cases.verifier.override(
        providers.Object(StripeWebhookVerifier([SECRET], clock=ManualClock(NOON)))
    )
    http = Http(service.app)
    async with http.client:
        yield http


async def deliver(http: Http, body: bytes, signature: str | None) -> httpx.Response:
    headers = {b"Content-Type": b"application/json"}
    if signature is not None:
        headers[b"Stripe-Signature"] = signature.encode("utf-8", "surrogateescape")
    return await http.client.post(WEBHOOK, content=body, headers=headers)


@pytest.mark.parametrize("case", sorted(REFUSED))
async def test_what_is_doubtful_is_400_or_413(stripes: Http, case: str) -> None:
    response = await deliver(stripes, *REFUSED[case])

    status, code, _ = refused(response)
    expected = (400, "invalid_signature")
    if case == TOO_LARGE:
        expected = (413, "body_too_large")
    assert (status, code) == expected


@pytest.mark.parametrize("case", sorted(ACCEPTED))
async def test_what_stripe_may_send_is_acknowledged(stripes: Http, case: str) -> None:
    response = await deliver(stripes, *ACCEPTED[case])

    if case == OTHER_MODE:
        assert refused(response)[:2] == (400, "livemode_mismatch")
    else:
        assert response.status_code == 200, response.text


@pytest.mark.parametrize("case", sorted(UNREADABLE))
async def test_what_is_ours_and_odd_is_held(stripes: Http, case: str) -> None:
    response = await deliver(stripes, *UNREADABLE[case])

    assert response.status_code == 200, response.text


def test_the_corpus_is_as_large_as_it_was_meant_to_be() -> None:
    assert len(ACCEPTED | REFUSED | UNREADABLE) >= 80
