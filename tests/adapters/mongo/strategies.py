"""Any purchase that the domain allows, likely or not."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from hypothesis import strategies as st

from domain.checkout import CheckoutRequest, Payer
from domain.disputes import Dispute, DisputeState
from domain.ids import BuyerId, OrderNumber, ProgramId, PurchaseId, SessionId
from domain.money import AMOUNT_MAX, Money
from domain.outbox import MailState, Notice, NoticeKind, OutgoingMail
from domain.purchase import (
    Buyer,
    ClosedReason,
    OpenSession,
    Payment,
    PaymentMethod,
    Purchase,
    PurchasedProgram,
    Status,
)
from domain.quote import Quote
from domain.refunds import (
    EXTRA_PAYMENTS_MAX,
    REFUNDS_MAX,
    ExtraPayment,
    ExtraPaymentState,
    ExtraReason,
    Refund,
    RefundState,
)

INT64: Final = 2**63


def to_the_millisecond(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


text = st.text(max_size=20)
names = st.text(min_size=1, max_size=20)
moments = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001  # Hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(to_the_millisecond)
amounts = st.integers(0, AMOUNT_MAX)
money = st.builds(Money.of, amounts, st.sampled_from(["usd", "jpy"]))
keys = st.from_regex(r"[a-z_][a-z0-9_.\[\]]{0,10}", fullmatch=True)
json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-INT64, INT64 - 1)
    | st.floats(allow_nan=False)
    | text,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=8,
)
requests = st.builds(
    CheckoutRequest,
    expires_at=moments,
    parameters=st.dictionaries(keys, json, max_size=4),
)
mails = st.builds(
    OutgoingMail,
    message_id=text,
    until=moments,
    state=st.sampled_from(MailState),
    tries=st.integers(0, 12),
    leased_by=st.none() | text,
)
notices = st.builds(
    Notice,
    message_id=text,
    until=moments,
    state=st.sampled_from(MailState),
    tries=st.integers(0, 12),
    leased_by=st.none() | text,
    kind=st.sampled_from(NoticeKind),
    row_id=text,
    place=st.just(0),
)
disputes = st.builds(
    Dispute,
    id=text,
    state=st.sampled_from(DisputeState),
    amount=money,
    opened_at=moments,
)
extras = st.builds(
    ExtraPayment,
    session_id=names.map(SessionId),
    payment_intent=st.none() | text,
    amount=st.integers(0, 10**12),
    currency=text,
    reason=st.sampled_from(ExtraReason),
    tries=st.integers(0, 9),
    state=st.sampled_from(ExtraPaymentState),
    stripe_id=st.none() | text,
    failed=st.lists(text, max_size=3).map(tuple),
    dispute=st.none() | disputes,
)
refunds = st.builds(
    Refund,
    id=text,
    amount=money,
    reason=text,
    by=text,
    state=st.sampled_from(RefundState),
    stripe_id=st.none() | text,
)


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    currency = draw(st.sampled_from(["usd", "jpy"]))
    full, rep, early = (Money.of(draw(amounts), currency) for _ in range(3))
    return Quote(
        full_price=full,
        class_rep_discount=rep,
        early_bird_discount=early,
        total=full.less(rep, early),
        is_class_rep=draw(st.booleans()),
        is_early_bird=draw(st.booleans()),
        program_revision=draw(st.integers(1, 10**6)),
        quoted_at=draw(moments),
    )


_purchases = st.builds(
    Purchase,
    id=names.map(PurchaseId),
    order_number=names.map(OrderNumber),
    buyer=st.builds(Buyer, id=names.map(BuyerId), email=text, name=text),
    program=st.builds(
        PurchasedProgram,
        id=names.map(ProgramId),
        title=text,
        program_type=text,
        time_zone=text,
    ),
    quote=quotes().filter(lambda quote: not quote.is_free),
    status=st.sampled_from(Status),
    created_at=moments,
    updated_at=moments,
    request=requests,
    session=st.none()
    | st.builds(OpenSession, id=names.map(SessionId), url=text, expires_at=moments),
    closing_reason=st.none() | st.sampled_from(ClosedReason),
    closed_reason=st.none() | st.sampled_from(ClosedReason),
    paid=st.none()
    | st.builds(
        Payment,
        session_id=names.map(SessionId),
        payment_intent=st.none() | text,
        amount=money,
        event_id=st.none() | text,
    ),
    payer=st.none()
    | st.builds(
        Payer,
        name=st.none() | text,
        email=st.none() | text,
        country=st.none() | text,
    ),
    payment_method=st.none()
    | st.builds(
        PaymentMethod, type=text, brand=st.none() | text, last4=st.none() | text
    ),
    is_processing=st.booleans(),
    completed_at=st.none() | moments,
    confirmation=st.none() | mails,
    extra_payments=st.lists(extras, max_size=EXTRA_PAYMENTS_MAX).map(tuple),
    refunds=st.lists(refunds, max_size=REFUNDS_MAX).map(tuple),
    dispute=st.none() | disputes,
    notices=st.lists(notices, max_size=4).map(
        lambda each: tuple(replace(it, place=n) for n, it in enumerate(each))
    ),
    unsettled_since=st.none() | moments,
    money_revision=st.integers(0, 10**6),
)


def _made_free(purchase: Purchase) -> Purchase:
    price = purchase.quote.full_price
    nothing = replace(price, amount=0)
    free = replace(purchase.quote, class_rep_discount=price, total=nothing)
    return replace(purchase, quote=free, request=None)


purchases = _purchases | _purchases.map(_made_free)
