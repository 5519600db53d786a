from importlib import import_module
from pkgutil import walk_packages
from typing import Any, Final

import pytest

import application
import domain
from application.errors import ApplicationError
from application.ports.alerts import AlertNotTold
from application.ports.health import StorageUnfit
from application.ports.mail import MailNotSent
from application.ports.payments import PaymentGatewayFailed, SessionNotOpen
from application.ports.predecessor import TooManyRecords
from application.ports.probes import (
    LockSilent,
    ProviderRefusesUs,
    RightMissing,
    WriteDoubtful,
)
from application.ports.programs import TermsChanged
from application.ports.purchases import LivePurchaseExists, OrderNumberTaken
from application.ports.refunds import RefundRefused
from domain.errors import DomainError
from domain.money import ImpossibleAmount, UnknownCurrency
from domain.predecessor import NotAdoptable
from domain.program import InvalidTerms
from domain.purchase import IllegalTransition
from domain.refunds import RefundMovedBackwards
from entrypoints.http.problems import problem_of, status_of
from tests.http.people import ADA
from tests.http.service import CREATE, Http, Service, refused

# Every module, so that what is known does not hang on which tests came before.
for _root in (application, domain):
    for _module in walk_packages(_root.__path__, f"{_root.__name__}."):
        import_module(_module.name)

# What no route can meet: a command says it, it is caught inside, or it is a bug.
NEVER_ANSWERED: Final = {
    AlertNotTold,
    IllegalTransition,
    ImpossibleAmount,
    InvalidTerms,
    LivePurchaseExists,
    LockSilent,
    MailNotSent,
    NotAdoptable,
    OrderNumberTaken,
    ProviderRefusesUs,
    RefundMovedBackwards,
    RefundRefused,
    RightMissing,
    SessionNotOpen,
    StorageUnfit,
    TermsChanged,
    TooManyRecords,
    UnknownCurrency,
    WriteDoubtful,
}

# Written out again on purpose: these are the API.
EXPECTED: Final = {
    "already_purchased": 400,
    "below_minimum_charge": 422,
    "cannot_cancel_completed": 409,
    "cannot_resend": 409,
    "checkout_closed": 409,
    "checkout_unresolved": 503,
    "class_rep_cool_down": 429,
    "class_rep_limit_reached": 409,
    "invalid_signature": 400,
    "invalid_terms": 422,
    "limit_below_use": 409,
    "livemode_mismatch": 400,
    "idempotency_in_progress": 409,
    "idempotency_key_reused": 422,
    "lock_timeout": 503,
    "not_refundable": 409,
    "other_choice_open": 409,
    "payment_gateway_unavailable": 503,
    "payment_refused": 502,
    "payment_under_way": 409,
    "event_gone": 404,
    "finding_not_found": 404,
    "mail_not_found": 404,
    "plan_changed": 409,
    "program_changed": 409,
    "program_exists": 409,
    "program_is_free": 400,
    "program_not_found": 404,
    "purchase_not_found": 404,
    "purchase_unreadable": 409,
    "receipt_not_available": 409,
    "refund_too_large": 422,
    "refund_under_way": 409,
    "refund_window_closed": 409,
    "sales_paused": 409,
    "storage_unavailable": 503,
}

Kind = type[ApplicationError] | type[DomainError]


def kinds(ancestor: Any) -> set[Kind]:
    """Return the errors of ours; an adapter's are answered like their ancestors."""
    ours = {
        kind
        for kind in ancestor.__subclasses__()
        if kind.__module__.startswith(("application.", "domain.", "entrypoints."))
    }
    return ours | {deeper for kind in ours for deeper in kinds(kind)}


def bare(kind: Kind) -> Any:
    return kind.__new__(kind)


def test_every_error_has_a_status_or_is_known_to_stay_inside() -> None:
    # An adapter's own kinds are answered like the port's error that they are.
    every = {
        kind
        for kind in kinds(ApplicationError) | kinds(DomainError)
        if not kind.__module__.startswith("adapters.")
    }
    answered = {kind for kind in every if status_of(bare(kind)) is not None}

    assert every - answered == NEVER_ANSWERED
    assert {kind.code: status_of(bare(kind)) for kind in answered} == EXPECTED


def test_an_error_is_answered_like_its_nearest_ancestor() -> None:
    assert status_of(PaymentGatewayFailed()) == 503


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("planted secret"),
        StorageUnfit("buyer_program", "planted secret"),
        InvalidTerms("planted secret", "planted secret"),
        MailNotSent("planted secret"),
        ExceptionGroup("planted secret", [ValueError("planted secret")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_bug_is_answered_without_a_word_about_it(error: Exception) -> None:
    problem = problem_of(error, instance="/x", request_id="r")

    assert (problem.status, problem.code) == (500, "internal_error")
    assert "planted" not in repr(problem)


async def test_a_bug_in_a_use_case_is_a_500_without_a_word(
    http: Http, service: Service
) -> None:
    async def stumble(_moment: str) -> None:
        raise RuntimeError("planted secret")

    service.storage.gate = stumble
    response = await http.post(CREATE, by=ADA, json={"programId": "choir"})

    assert refused(response) == (
        500,
        "internal_error",
        "Something went wrong on our side.",
    )
    assert "planted" not in response.text


async def test_the_instance_is_the_path_that_was_asked_for(http: Http) -> None:
    response = await http.get("/nowhere/%C3%A9%22?token=planted")

    assert refused(response)[:2] == (404, "not_found")
    assert response.json()["instance"] == "/nowhere/%C3%A9%22"


async def test_a_very_long_path_is_not_repeated(http: Http) -> None:
    response = await http.get("/" + "a" * 5000)

    assert len(response.json()["instance"]) <= 512


async def test_a_wrong_method_says_which_are_right(http: Http) -> None:
    response = await http.ask("PUT", "/api/programs")

    assert refused(response) == (
        405,
        "method_not_allowed",
        "This address does not answer that method.",
    )
    assert set(response.headers["allow"].split(", ")) == {"GET", "OPTIONS"}
