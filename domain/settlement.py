"""What a payment provider's word on a session means for a purchase."""

from dataclasses import dataclass

from domain.checkout import CheckoutSession, SessionStatus
from domain.errors import DomainError
from domain.money import ImpossibleAmount, Money, UnknownCurrency
from domain.purchase import Payment, Purchase
from domain.refunds import ExtraPayment, ExtraReason


class LivemodeMismatch(DomainError):
    """Test money for a live purchase or the other way round: a configuration error."""

    code = "livemode_mismatch"

    def __init__(self, *, ours: bool) -> None:
        super().__init__(f"Stripe speaks of livemode={not ours}, we run with {ours}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Completes:
    """The quoted amount was paid in the purchase's own session."""

    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Nothing was paid yet.

    `is_processing`: a delayed payment is under way in the purchase's own session; one
    in another session says nothing about whether this one can still be paid.
    """

    is_processing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadySettled:
    """This very payment completed the purchase before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IsExtra:
    """The payment must go back.

    `closes`: it was the purchase's own session, now spent on a wrong amount, so no
    right payment can come any more.
    """

    payment: ExtraPayment
    closes: bool


Verdict = Completes | Waits | AlreadySettled | IsExtra


def settle(purchase: Purchase, session: CheckoutSession, *, livemode: bool) -> Verdict:
    """Decide what a session means.

    Only the provider's `payment_status` says that money moved, never the name of an
    event (https://docs.stripe.com/checkout/fulfillment).

    Args:
        purchase: as it was read just now.
        session: a session that names this purchase.
        livemode: whether we run on live money.

    Raises:
        LivemodeMismatch: the session is of the other mode; nothing may be concluded.
    """
    payment = payment_in(session, livemode=livemode)
    if payment is not None and purchase.awaits(payment):
        return Completes(payment=payment)
    if not session.is_paid:
        is_complete = session.status is SessionStatus.COMPLETE
        return Waits(is_processing=is_complete and purchase.may_own(session.id))
    if purchase.paid is not None and purchase.paid.session_id == session.id:
        return AlreadySettled()
    why = _objection(purchase, session)
    return IsExtra(payment=_extra(session, why), closes=why is ExtraReason.WRONG_AMOUNT)


def payment_in(session: CheckoutSession, *, livemode: bool) -> Payment | None:
    """Return what was paid; None if nothing was, or no purchase can have asked for it.

    Whether a purchase is completed by it, `Purchase.awaits` says.

    Raises:
        LivemodeMismatch: the session is of the other mode; nothing may be concluded.
    """
    if session.livemode is not livemode:
        raise LivemodeMismatch(ours=livemode)
    if not session.is_paid:
        return None
    try:
        amount = Money.of(session.amount_total, session.currency)
    except (ImpossibleAmount, UnknownCurrency):
        return None
    return Payment(
        session_id=session.id, payment_intent=session.payment_intent, amount=amount
    )


def _objection(purchase: Purchase, session: CheckoutSession) -> ExtraReason:
    """Say why a paid session does not complete a purchase that does not await it."""
    if purchase.paid is not None:
        return ExtraReason.SECOND
    if not purchase.may_own(session.id):
        return ExtraReason.FOREIGN_SESSION
    total = purchase.quote.total
    if (session.amount_total, session.currency) != (total.amount, total.currency.code):
        return ExtraReason.WRONG_AMOUNT
    return ExtraReason.LATE


def _extra(session: CheckoutSession, why: ExtraReason) -> ExtraPayment:
    return ExtraPayment(
        session_id=session.id,
        payment_intent=session.payment_intent,
        amount=session.amount_total,
        currency=session.currency,
        reason=why,
    )
