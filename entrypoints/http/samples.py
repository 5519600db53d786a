"""One refusal of each kind, as the OpenAPI document shows and declares them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from application.alter_program import ProgramChanged
from application.ports.archive import PurchaseUnreadable
from application.ports.locks import DEFAULT_WAIT, LockTimeout
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
from domain.ids import ProgramId, PurchaseId
from domain.money import Money
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
from entrypoints.http.refusals import (
    AccessDenied,
    BodyTooLarge,
    InternalError,
    InvalidHost,
    InvalidRequest,
    NotAuthenticated,
    Overloaded,
    RateLimited,
    UnsupportedMediaType,
)

PURCHASE: Final = PurchaseId("3f0c9a5e6b7d4e21a8c1d2e3f4a5b6c7")
PROGRAM: Final = ProgramId("mentor-circles-2026")
A_MINUTE: Final = timedelta(minutes=1)

NO_TOKEN: Final = NotAuthenticated()
NOT_ADMIN: Final = AccessDenied()
NO_PURCHASE: Final = PurchaseNotFound()
UNREADABLE: Final = PurchaseUnreadable()
NO_PROGRAM: Final = ProgramNotFound(PROGRAM)
NO_RECEIPT: Final = ReceiptNotAvailable()
NO_FINDING: Final = FindingNotFound()
NO_MAIL: Final = MailNotFound()
NO_EVENT: Final = EventGone("evt_1")
OTHER_PLAN: Final = PlanChanged(now="")
NO_STORAGE: Final = StorageUnavailable()
NO_PROVIDER: Final = PaymentGatewayUnavailable()
BUSY: Final = LockTimeout("", waited=DEFAULT_WAIT)
OWNED: Final = CannotCancel()
MODE: Final = LivemodeMismatch(ours=True)
OTHER_CHOICE: Final = OtherChoiceOpen(PURCHASE)
BAD_SIGNATURE: Final = SignatureRefused("")
TOO_LARGE: Final = BodyTooLarge()
TOO_MANY: Final = RateLimited(retry_after=int(A_MINUTE.total_seconds()))
BAD_QUERY: Final = InvalidRequest("pageSize: Expected `int` <= 100.", field="pageSize")
BAD_HOST: Final = InvalidHost()
BUG: Final = InternalError()
CROWDED: Final = Overloaded()

BODY: Final[Sequence[Exception]] = (
    InvalidRequest("isClassRep: Expected `bool`, got `str`.", field="isClassRep"),
    TOO_LARGE,
    UnsupportedMediaType(),
)
REASONED: Final[Sequence[Exception]] = (
    InvalidRequest("reason: Expected `str`, got `null`.", field="reason"),
    *BODY[1:],
)
BAD_TERMS: Final = TermsRefused(
    "classRepDiscount: is not more than the price", field="classRepDiscount"
)
PROGRAM_EXISTS: Final = ProgramExists(PROGRAM)
CHANGING: Final[Sequence[Exception]] = (
    BAD_TERMS,
    LimitBelowUse(limit=5, taken=8),
    ProgramChanged(revision=4),
)
MAIL_UNDER_WAY: Final = CannotResend("The confirmation is on its way already.")
ADMIN_REFUNDING: Final[Sequence[Exception]] = (
    NotRefundable("not_completed", "Only completed purchases can be refunded."),
    RefundUnderWay(),
    RefundTooLarge(rest=5_000),
)
REFUNDING: Final[Sequence[Exception]] = (
    *ADMIN_REFUNDING[:2],
    RefundWindowClosed(deadline=datetime(2026, 4, 1, 12, tzinfo=UTC)),
)
PAYING: Final[Sequence[Exception]] = (
    NO_PROGRAM,
    TOO_MANY,
    BUSY,
    MODE,
    AlreadyPurchased(PURCHASE),
    BelowMinimumCharge(Money.of(40, "usd")),
    CheckoutClosed(PURCHASE),
    CheckoutUnresolved(PURCHASE),
    PaymentRefused(),
    PaymentUnderWay(PURCHASE),
    CoolingDown(wait=A_MINUTE),
    ProgramIsFree(),
    SalesPaused(),
    SpotsExhausted(limit=10),
)
