"""How a refusal looks over HTTP: RFC 9457 problem details, one table for all."""

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any, Final, Literal
from urllib.parse import quote

import msgspec
import structlog
from litestar import Request, Response
from litestar import status_codes as http
from litestar.exceptions import HTTPException, ValidationException

from application.alter_program import ProgramChanged
from application.claim_key import IdempotencyInProgress, IdempotencyKeyReused
from application.errors import ApplicationError
from application.ports.archive import PurchaseUnreadable
from application.ports.locks import LockTimeout
from application.ports.payment_events import SignatureRefused
from application.ports.payments import PaymentGatewayUnavailable, PaymentRefused
from application.ports.programs import ProgramExists, ProgramNotFound
from application.ports.purchases import PurchaseNotFound
from application.ports.storage import StorageUnavailable
from application.recall_event import EventGone
from application.reconcile import PlanChanged
from application.repair_finding import FindingNotFound
from application.resend_confirmation import CannotResend
from application.resend_notice import MailNotFound
from application.start_checkout import (
    CheckoutClosed,
    CheckoutUnresolved,
    OtherChoiceOpen,
    PaymentUnderWay,
)
from application.terms import TermsRefused
from application.view_purchases import ReceiptNotAvailable
from domain.class_rep import LimitBelowUse, SpotsExhausted
from domain.cool_down import CoolingDown
from domain.errors import DomainError
from domain.program import ProgramIsFree, SalesPaused
from domain.purchase import AlreadyPurchased, CannotCancel
from domain.quote import BelowMinimumCharge
from domain.refunding import (
    NotRefundable,
    RefundTooLarge,
    RefundUnderWay,
    RefundWindowClosed,
)
from domain.settlement import LivemodeMismatch
from entrypoints.http.idempotency import AnsweredBefore
from entrypoints.http.refusals import (
    BodyTooLarge,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NoSuchRoute,
    Refusal,
)
from entrypoints.http.request_ids import request_id_of
from entrypoints.http.trail_notes import regards

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:spothold:problem:"
INSTANCE_MAX: Final = 512
HUNG_UP: Final = "client disconnected prematurely"  # to Litestar a fault of ours

STATUS: Final[Mapping[type[ApplicationError | DomainError], int]] = {
    AlreadyPurchased: http.HTTP_400_BAD_REQUEST,
    BelowMinimumCharge: http.HTTP_422_UNPROCESSABLE_ENTITY,
    CannotCancel: http.HTTP_409_CONFLICT,
    CannotResend: http.HTTP_409_CONFLICT,
    CheckoutClosed: http.HTTP_409_CONFLICT,
    CheckoutUnresolved: http.HTTP_503_SERVICE_UNAVAILABLE,
    CoolingDown: http.HTTP_429_TOO_MANY_REQUESTS,
    IdempotencyInProgress: http.HTTP_409_CONFLICT,
    IdempotencyKeyReused: http.HTTP_422_UNPROCESSABLE_ENTITY,
    EventGone: http.HTTP_404_NOT_FOUND,
    FindingNotFound: http.HTTP_404_NOT_FOUND,
    LimitBelowUse: http.HTTP_409_CONFLICT,
    LivemodeMismatch: http.HTTP_400_BAD_REQUEST,
    LockTimeout: http.HTTP_503_SERVICE_UNAVAILABLE,
    MailNotFound: http.HTTP_404_NOT_FOUND,
    NotRefundable: http.HTTP_409_CONFLICT,
    OtherChoiceOpen: http.HTTP_409_CONFLICT,
    PaymentGatewayUnavailable: http.HTTP_503_SERVICE_UNAVAILABLE,
    PaymentRefused: http.HTTP_502_BAD_GATEWAY,
    PaymentUnderWay: http.HTTP_409_CONFLICT,
    PlanChanged: http.HTTP_409_CONFLICT,
    ProgramChanged: http.HTTP_409_CONFLICT,
    ProgramExists: http.HTTP_409_CONFLICT,
    ProgramIsFree: http.HTTP_400_BAD_REQUEST,
    ProgramNotFound: http.HTTP_404_NOT_FOUND,
    PurchaseNotFound: http.HTTP_404_NOT_FOUND,
    PurchaseUnreadable: http.HTTP_409_CONFLICT,
    ReceiptNotAvailable: http.HTTP_409_CONFLICT,
    RefundTooLarge: http.HTTP_422_UNPROCESSABLE_ENTITY,
    RefundUnderWay: http.HTTP_409_CONFLICT,
    RefundWindowClosed: http.HTTP_409_CONFLICT,
    SalesPaused: http.HTTP_409_CONFLICT,
    SignatureRefused: http.HTTP_400_BAD_REQUEST,
    SpotsExhausted: http.HTTP_409_CONFLICT,
    StorageUnavailable: http.HTTP_503_SERVICE_UNAVAILABLE,
    TermsRefused: http.HTTP_422_UNPROCESSABLE_ENTITY,
}
# Beside every 503, and a 409 that is only a matter of time.
RETRY_AFTER: Final = {"Retry-After": "1"}

# What Litestar refuses by itself, in our words.
BY_STATUS: Final[Mapping[int, type[Refusal]]] = {
    refusal.status: refusal
    for refusal in (InvalidRequest, NoSuchRoute, MethodNotAllowed, BodyTooLarge)
}

log = structlog.get_logger(__name__)


class Problem(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """RFC 9457, with what the seed's front end reads beside it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    success: Literal[False]
    message: str
    code: str
    request_id: str
    field: str | None = None
    purchase_id: str | None = None
    limit: int | None = None
    taken: int | None = None
    revision: int | None = None


def status_of(error: ApplicationError | DomainError) -> int | None:
    """Look an error up by its class or the nearest ancestor; None: it is a bug."""
    kinds: Any = type(error).__mro__
    return next((STATUS[kind] for kind in kinds if kind in STATUS), None)


def problem_of(error: Exception, *, instance: str, request_id: str) -> Problem:
    """Word the answer to an error; anything that has no row is an internal error."""
    status, code, detail = _essence(error)
    return Problem(
        type=f"{TYPE_PREFIX}{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=quote(instance[:INSTANCE_MAX]),
        success=False,
        message=detail,
        code=code,
        request_id=request_id,
        **_facts(error),
    )


def _facts(error: Exception) -> dict[str, Any]:
    """Return what a program may want to know of a refusal beside its code."""
    match error:
        case Refusal() | TermsRefused():
            return {"field": error.field}
        case LimitBelowUse():
            return {"limit": error.limit, "taken": error.taken}
        case ProgramChanged():
            return {"revision": error.revision}
        case ApplicationError() | DomainError() if status_of(error) is not None:
            return {"purchase_id": getattr(error, "purchase_id", None)}
    return {}


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer any exception; what is our own fault is logged and not told."""
    if isinstance(error, AnsweredBefore):
        return error.response()
    error = _translated(error)
    problem = problem_of(
        error,
        instance=request.scope["path"],
        request_id=request_id_of(request.scope),
    )
    _note(error, problem)
    regards(problem.purchase_id)
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers_of(error, problem.status),
    )


def headers_of(error: Exception, status: int) -> dict[str, str]:
    """Return what a refusal says beside its body."""
    headers = dict(error.headers) if isinstance(error, Refusal) else {}
    if isinstance(error, CoolingDown):
        headers["Retry-After"] = str(ceil(error.wait.total_seconds()))
    if isinstance(error, IdempotencyInProgress):
        headers |= RETRY_AFTER
    return headers | RETRY_AFTER if status in UNAVAILABLE else headers


UNAVAILABLE: Final = frozenset({http.HTTP_503_SERVICE_UNAVAILABLE})


def _essence(error: Exception) -> tuple[int, str, str]:
    if isinstance(error, Refusal):
        return error.status, error.code, str(error)
    if isinstance(error, ApplicationError | DomainError):
        status = status_of(error)
        if status is not None:
            return status, error.code, str(error)
    return InternalError.status, InternalError.code, InternalError.detail


def _translated(error: Exception) -> Exception:
    """Say what Litestar refuses in our words: its own may quote the request."""
    if isinstance(error, ValidationException):
        return _invalid(error)
    if isinstance(error, HTTPException) and error.detail == HUNG_UP:
        return InvalidRequest(reason=HUNG_UP)
    if isinstance(error, HTTPException) and error.status_code in BY_STATUS:
        return BY_STATUS[error.status_code](headers=error.headers)
    return error


def _invalid(error: ValidationException) -> InvalidRequest:
    for each in error.extra or ():
        if not isinstance(each, dict):
            continue
        key = each.get("key", "")
        if key == "data":
            return InvalidRequest("The body is missing.")
        if key:
            why = str(each["message"]).partition(" - at ")[0]
            field = _in_camel_case(key)
            return InvalidRequest(f"{field}: {why}.", field=field)
    return InvalidRequest()


def _in_camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)


def _note(error: Exception, problem: Problem) -> None:
    if problem.code == InternalError.code:
        log.error("internal error", code=problem.code, exc_info=error)
        return
    reason = getattr(error, "reason", None)
    log.debug("refused", code=problem.code, reason=reason)
