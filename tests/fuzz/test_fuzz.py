"""Each commit: 1,000 requests, the same ones each time.  More: `make fuzz`."""

from typing import Any, Final

import pytest

from tests.fuzz.__main__ import report
from tests.fuzz.fuzzing import IDENTITIES, fuzz
from tests.http.service import Service

CASES: Final = 1_000
SEED: Final = 20_261_123


@pytest.mark.timeout(300)
def test_the_service_answers_as_its_document_says() -> None:
    tally = fuzz(cases=CASES, seed=SEED)

    report(tally)
    assert not tally.failures
    assert tally.cases >= CASES
    assert set(tally.sent) == set(IDENTITIES)
    # It was not all turned away at the door.
    assert {200, 400, 401, 403, 404, 409} <= set(tally.statuses)


def test_a_bug_is_found() -> None:
    def break_it(service: Service) -> None:
        async def stumble(_moment: str) -> None:
            raise RuntimeError("planted")

        service.storage.gate = stumble

    tally = fuzz(cases=20, only="/api/programs", seed=SEED, prepare=break_it)

    assert any("Server error" in failure for failure in tally.failures)


def test_an_undeclared_answer_is_found() -> None:
    def close(service: Service) -> None:
        """Answer what no route declares: somebody else's exception handler."""
        inner = service.app.asgi_handler

        async def teapot(scope: Any, receive: Any, send: Any) -> None:
            async def pour(message: Any) -> None:
                if message.get("status") == 200:
                    message["status"] = 418
                await send(message)

            await inner(scope, receive, pour)

        service.app.asgi_handler = teapot

    tally = fuzz(cases=20, only="/api/programs", seed=SEED, prepare=close)

    assert any("Undocumented status code" in failure for failure in tally.failures)
