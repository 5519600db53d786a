"""Send what the OpenAPI document allows, and what it does not, as three identities.

Everything is in this process and the outside is fake, so it costs the processor alone.
The same seed sends the same requests.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation, BaseSchema
from structlog.testing import capture_logs

from application.claim_key import IdempotencyKeyReused
from application.ports.payment_events import SignatureRefused
from domain.program import InvalidTerms, ProgramIsFree
from domain.purchase import AlreadyPurchased
from domain.quote import BelowMinimumCharge
from domain.refunding import RefundTooLarge
from domain.settlement import LivemodeMismatch
from tests.http.people import ADA, ROOT
from tests.http.service import Http, Service, settings

Operation = APIOperation[Any, Any, Any, Any]
AnyCase = Case[Operation]

SHARE_MIN: Final = 3  # to set hypothesis up costs as much as some requests
PROBLEM: Final = "application/problem+json"
# Said of a well-formed request, with the status of a malformed one.
RULES: Final = {
    AlreadyPurchased.code,
    BelowMinimumCharge.code,
    IdempotencyKeyReused.code,
    InvalidTerms.code,
    LivemodeMismatch.code,
    ProgramIsFree.code,
    RefundTooLarge.code,
    SignatureRefused.code,
}
# Of a field that may be left out, Litestar does not write the bounds.
UNSAID: Final = ("got `float`", "Expected `int` >= 0")
UNLIMITED: Final = "100000000/minute"
IDENTITIES: Final[Mapping[str, str | None]] = {
    "nobody": None,
    "user": ADA.token,
    "admin": ROOT.token,
}


@dataclass(kw_only=True)
class Tally:
    """What was sent, what came back, and what was wrong with it."""

    statuses: Counter[int] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return self.sent.total()


def stocked_service() -> tuple[Service, dict[str, str]]:
    """Return a service with something in it, and the names of what there is."""
    service = Service(
        settings=settings(
            rate_limit_address=UNLIMITED,
            rate_limit_cancel=UNLIMITED,
            rate_limit_checkout=UNLIMITED,
            rate_limit_webhook=UNLIMITED,
        ),
        is_apart=True,
    )
    service.sell(limit=0)
    service.sell("free", price=0, rep_discount=0)

    async def buy() -> dict[str, Any]:
        http = Http(service.app)
        async with http.client:
            begun: dict[str, Any] = await http.buy(ADA)
            service.pay(begun["sessionId"])
            await http.get(
                f"/api/purchases/verify-session/{begun['sessionId']}", by=ADA
            )
        return begun

    begun = asyncio.run(buy())
    return service, {
        "purchase_id": begun["purchaseId"],
        "session_id": begun["sessionId"],
        "program_id": "choir",
    }


def fuzz(
    *,
    cases: int,
    seed: int,
    only: str = "",
    prepare: Callable[[Service], None] = lambda _: None,
) -> Tally:
    """Send so many requests or a few more, spread over identities and operations.

    What has no more to vary drops out, and the others take its share.

    Args:
        cases: how many.
        seed: the same one sends the same.
        only: operations whose path begins so.
        prepare: may break the service before anything is sent.
    """
    service, names = stocked_service()
    schema = schemathesis.openapi.from_asgi("/schema/openapi.json", service.app)
    prepare(service)
    plan = [
        (identity, operation, strategy)
        for operation in operations_of(schema)
        if operation.path.startswith(only)
        for identity in IDENTITIES
        for strategy in strategies(operation, headers_of(identity), names)
    ]
    tally = Tally()
    with capture_logs():  # a line for each request is not worth its rendering
        while plan and tally.cases < cases:
            share = max(SHARE_MIN, (cases - tally.cases) // len(plan))
            seeds = range(seed, seed + len(plan))
            seed += len(plan)
            plan = [
                each
                for each, its_seed in zip(plan, seeds, strict=True)
                if send_some(*each, tally=tally, examples=share, seed=its_seed)
            ]
    return tally


def operations_of(schema: BaseSchema) -> Iterator[Operation]:
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def strategies(
    operation: Operation,
    headers: dict[str, str],
    names: Mapping[str, str],
) -> Iterator[SearchStrategy[AnyCase]]:
    """Yield what fits the document and what does not, and both about what is there."""
    in_path = {parameter.name for parameter in operation.path_parameters}
    known = {name: names[name] for name in in_path & names.keys()}
    yield operation.as_strategy(GenerationMode.POSITIVE, headers=headers)
    yield operation.as_strategy(GenerationMode.NEGATIVE, headers=headers)
    if known:
        yield operation.as_strategy(
            GenerationMode.POSITIVE, headers=headers, path_parameters=known
        )


def checks_that_ask_too_much(response: Response) -> list[Any]:
    """Return what does not hold where a rule of the business says no.

    A document cannot say which purchase may be refunded; so a well-formed request may
    still be refused, with the statuses that the first front end knows.  And to JSON
    Schema 5.0 is an integer; to us it is no amount of money.
    """
    if PROBLEM not in response.headers.get("content-type", [""]):
        return []
    problem = response.json()
    is_too_much = problem["code"] in RULES or any(
        words in problem["detail"] for words in UNSAID
    )
    return [CHECKS.get_one("positive_data_acceptance")] if is_too_much else []


def headers_of(identity: str) -> dict[str, str]:
    token = IDENTITIES[identity]
    return {"Authorization": f"Bearer {token}"} if token else {}


def send_some(
    identity: str,
    operation: Operation,
    strategy: SearchStrategy[AnyCase],
    *,
    tally: Tally,
    examples: int,
    seed: int,
) -> bool:
    """Send up to so many; return whether there is more to vary."""
    before = tally.cases
    headers = headers_of(identity)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        database=None,
        deadline=None,
        max_examples=examples,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=strategy)
    def send(case: AnyCase) -> None:
        tally.sent[identity] += 1
        try:
            response = case.call(headers=headers)
            case.validate_response(
                response,
                headers=headers,
                transport_kwargs={"headers": headers},
                excluded_checks=checks_that_ask_too_much(response),
            )
        except FailureGroup as failures:
            tally.failures.append(f"{identity}, {operation.label}: {failures}")
            return
        tally.statuses[response.status_code] += 1

    with suppress(Unsatisfiable):  # there may be nothing to get wrong
        send()
    return tally.cases - before >= examples
