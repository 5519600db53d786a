"""What becomes of the predecessor's programs and purchases; pure, and never a guess."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

from domain.checkout import (
    CheckoutRequest,
    CheckoutSession,
    Payer,
    PaymentStatus,
    SessionStatus,
)
from domain.ids import (
    ID_PATTERN,
    BuyerId,
    OrderNumber,
    ProgramId,
    PurchaseId,
    SessionId,
)
from domain.money import Money
from domain.predecessor import NotAdoptable, OldProgram, OldPurchase, OldStatus
from domain.program import Program, TermsOfSale
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
from domain.refunds import Refund, RefundState

ID_LETTERS: Final = 32  # of a hash in hexadecimal
SESSION_LASTS: Final = timedelta(hours=24)  # the predecessor left it to Stripe
BY: Final = "predecessor"
PAID_ONCE: Final = frozenset(
    {
        OldStatus.COMPLETED,
        OldStatus.REFUND_PROCESSING,
        OldStatus.REFUNDED,
        OldStatus.REFUND_FAILED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """How the predecessor sold: it knew no currency and no time zone of its own."""

    currency: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A purchase as it is taken over; `remarks` are for a human to read."""

    was: OldPurchase
    purchase: Purchase
    remarks: tuple[str, ...] = ()
    is_paid_now: bool = False  # Stripe says so, and the predecessor did not know


def adopted_id(old: str) -> str:
    """Keep an id that fits our rule; of another, make the same new one each time."""
    if re.fullmatch(ID_PATTERN, old):
        return old
    return f"adopted-{sha256(old.encode()).hexdigest()[:ID_LETTERS]}"


def adopted_program(old: OldProgram, sale: Sale) -> Program:
    """Take a program over, as one for sale.

    Raises:
        DomainError: its terms contradict themselves.
    """
    price = 0 if old.is_free else old.full_price
    return Program(
        id=ProgramId(adopted_id(old.id)),
        title=old.title,
        program_type=old.program_type,
        time_zone=sale.time_zone,
        terms=TermsOfSale(
            full_price=Money.of(price, sale.currency),
            class_rep_discount=Money.of(
                0 if old.is_free else old.class_rep_discount, sale.currency
            ),
            early_bird_discount=Money.of(
                0 if old.is_free else old.early_bird_discount, sale.currency
            ),
            early_bird_deadline=old.early_bird_deadline,
            is_free=old.is_free,
            class_rep_limit=old.class_rep_limit,
        ),
    )


def needs_stripe(old: OldPurchase) -> bool:
    """Say whether only Stripe knows how it stands."""
    if old.session_id is None:
        return False
    is_open = old.status in {OldStatus.PENDING, OldStatus.FAILED}
    return is_open or (old.payment_intent is None and old.final_price > 0)


def adopted(
    old: OldPurchase,
    program: Program,
    session: CheckoutSession | None,
    *,
    livemode: bool,
) -> Adopted:
    """Take a purchase over.

    Args:
        old: as the predecessor has it.
        program: what was bought.
        session: Stripe's word, where it is needed and there is one.
        livemode: of our key.

    Raises:
        NotAdoptable: a human must decide; nothing is guessed.
        DomainError: its amounts are impossible.
    """
    if session is not None:
        _check_session(old, program, session, livemode=livemode)
    base = _as_begun(old, program, session)
    if old.status in PAID_ONCE:
        return _paid(old, base, session)
    if old.status is OldStatus.PENDING:
        return _pending(old, base, session)
    return _failed(old, base, session)


def keep_one(
    rows: Iterable[Adopted],
) -> tuple[list[Adopted], list[tuple[Adopted, str]]]:
    """Let each buyer keep one live purchase of a program, and each session one.

    Returns:
        Those that are taken over; and the others, with the id of the one before them.
    """
    kept: list[Adopted] = []
    doubles: list[tuple[Adopted, str]] = []
    taken: dict[object, str] = {}
    for row in sorted(rows, key=_precedence):
        claims = _claims(row.purchase)
        first = next((taken[claim] for claim in claims if claim in taken), None)
        if first is None:
            kept.append(row)
            taken.update(dict.fromkeys(claims, row.purchase.id))
        else:
            doubles.append((row, first))
    return kept, doubles


def _claims(purchase: Purchase) -> list[object]:
    """Return what no two purchases may have."""
    live = (purchase.buyer.id, purchase.program.id) if purchase.is_live else None
    session = purchase.session.id if purchase.session is not None else None
    return [claim for claim in (live, session, purchase.order_number) if claim]


def _precedence(row: Adopted) -> tuple[bool, bool, object, str]:
    """Put first what was paid, then what may yet be, the oldest before the others."""
    purchase = row.purchase
    is_paid = purchase.is_owned or row.is_paid_now
    return (not is_paid, not purchase.is_live, purchase.created_at, purchase.id)


def _check_session(
    old: OldPurchase, program: Program, session: CheckoutSession, *, livemode: bool
) -> None:
    if session.livemode is not livemode:
        raise NotAdoptable("its session is of the other mode")
    price = (old.final_price, program.terms.full_price.currency.code)
    if session.is_paid and (session.amount_total, session.currency) != price:
        raise NotAdoptable("Stripe was paid another amount; decide by hand")


def _as_begun(
    old: OldPurchase, program: Program, session: CheckoutSession | None
) -> Purchase:
    ends = old.created_at + SESSION_LASTS if session is None else session.expires_at
    page = OpenSession(
        id=SessionId(old.session_id or ""),
        url=(session.url if session is not None else None) or "",
        expires_at=ends,
    )
    is_free = old.final_price == 0
    return Purchase(
        id=PurchaseId(adopted_id(old.id)),
        order_number=OrderNumber(old.order_number),
        buyer=Buyer(id=BuyerId(old.user_id), email=old.email, name=old.name),
        program=PurchasedProgram(
            id=program.id,
            title=program.title,
            program_type=program.program_type,
            time_zone=program.time_zone,
        ),
        quote=_quote(old, program.terms.full_price.currency.code),
        status=Status.RESERVED,
        created_at=old.created_at,
        updated_at=old.created_at,
        # Nothing is ever asked again with it: a session exists, or nothing is owed.
        request=None if is_free else CheckoutRequest(expires_at=ends, parameters={}),
        session=page if old.session_id and not is_free else None,
    )


def _quote(old: OldPurchase, currency: str) -> Quote:
    """Freeze the price; what a promotion took off is taken off the full price."""
    total = Money.of(old.final_price, currency)
    parts = (old.class_rep_discount, old.early_bird_discount)
    discounts = [Money.of(part, currency) for part in parts]
    full = Money.of(old.full_price, currency)
    if full.less(*discounts) != total:
        full = Money.of(old.final_price + sum(parts), currency)
    return Quote(
        full_price=full,
        class_rep_discount=discounts[0],
        early_bird_discount=discounts[1],
        total=total,
        is_class_rep=old.is_class_rep,
        is_early_bird=old.is_early_bird,
        program_revision=1,
        quoted_at=old.created_at,
    )


def _paid(old: OldPurchase, base: Purchase, session: CheckoutSession | None) -> Adopted:
    if base.is_free:
        is_back = old.status is OldStatus.REFUNDED
        status = Status.REFUNDED if is_back else Status.COMPLETED
        done = replace(base, status=status, completed_at=old.purchased_at)
        return Adopted(was=old, purchase=done)
    if session is not None and not session.is_paid:
        raise NotAdoptable("it is said to be paid, and Stripe says it is not")
    intent = old.payment_intent or (session.payment_intent if session else None)
    if intent is None:
        raise NotAdoptable("it is said to be paid, and names no payment")
    if base.session is None:
        raise NotAdoptable(f"it was paid by {intent}, and names no session")
    payment = Payment(
        session_id=base.session.id, payment_intent=intent, amount=base.quote.total
    )
    completed = replace(
        base,
        status=Status.COMPLETED,
        completed_at=old.purchased_at,
        paid=payment,
        payer=Payer(name=old.name, email=old.email, country=old.country),
        payment_method=_method(old),
    )
    return _with_refund(old, completed)


def _method(old: OldPurchase) -> PaymentMethod | None:
    if old.method is None:
        return None
    return PaymentMethod(type=old.method, brand=old.brand, last4=old.last4)


REFUND_OF: Final[Mapping[OldStatus, tuple[Status, RefundState]]] = {
    OldStatus.REFUNDED: (Status.REFUNDED, RefundState.DONE),
    OldStatus.REFUND_PROCESSING: (Status.REFUNDING, RefundState.SENT),
    OldStatus.REFUND_FAILED: (Status.COMPLETED, RefundState.FAILED),
}


def _with_refund(old: OldPurchase, completed: Purchase) -> Adopted:
    if old.status is OldStatus.COMPLETED:
        return Adopted(was=old, purchase=completed)
    status, state = REFUND_OF[old.status]
    if state is RefundState.SENT and old.refund_id is None:
        # To send it now might give the money back twice.
        remark = "a refund was asked for and Stripe's is not known: see in Stripe"
        return Adopted(was=old, purchase=completed, remarks=(remark,))
    if state is RefundState.DONE and old.refund_id is None:
        # Found at Stripe later, it would count as a second one beside ours.
        raise NotAdoptable("it is said to be refunded, and names no refund")
    row = Refund(
        id=f"{completed.id}:adopted",
        amount=completed.quote.total,
        reason="requested_by_customer",
        by=BY,
        state=state,
        stripe_id=old.refund_id,
    )
    since = old.purchased_at if state is RefundState.SENT else None
    moved = replace(completed, status=status, refunds=(row,), unsettled_since=since)
    return Adopted(was=old, purchase=moved)


def _pending(
    old: OldPurchase, base: Purchase, session: CheckoutSession | None
) -> Adopted:
    if base.session is None:
        remark = "it had no page to pay on: nothing was sold"
        return Adopted(was=old, purchase=_closed(base), remarks=(remark,))
    if session is None:
        raise NotAdoptable("Stripe does not know its session")
    if session.status is SessionStatus.EXPIRED:
        return Adopted(was=old, purchase=_closed(base, ClosedReason.EXPIRED))
    pending = replace(base, status=Status.PENDING)
    if session.is_paid:
        remark = "Stripe was paid: it is completed, and its buyer is told"
        return Adopted(was=old, purchase=pending, remarks=(remark,), is_paid_now=True)
    return Adopted(was=old, purchase=pending)


def _failed(
    old: OldPurchase, base: Purchase, session: CheckoutSession | None
) -> Adopted:
    if session is not None and session.is_paid:
        remark = f"Stripe was paid all the same, {session.payment_intent}: give it back"
        return Adopted(was=old, purchase=_closed(base), remarks=(remark,))
    if session is not None and session.status is SessionStatus.OPEN:
        reason = ClosedReason.CANCELLED
        closing = replace(base, status=Status.CLOSING, closing_reason=reason)
        remark = "its page can still be paid: it is closed at Stripe"
        return Adopted(was=old, purchase=closing, remarks=(remark,))
    if session is not None and _may_yet_be_paid(session):
        # A delayed method: the money may come yet, and nobody would hear of it.
        raise NotAdoptable("its page was completed, and may yet be paid: see in Stripe")
    return Adopted(was=old, purchase=_closed(base))


def _may_yet_be_paid(session: CheckoutSession) -> bool:
    """Say whether a buyer is done with a page and the money may be on its way."""
    is_unpaid = session.payment_status is PaymentStatus.UNPAID
    return session.status is SessionStatus.COMPLETE and is_unpaid


def _closed(base: Purchase, reason: ClosedReason = ClosedReason.FAILED) -> Purchase:
    return replace(base, status=Status.CLOSED, closed_reason=reason)
