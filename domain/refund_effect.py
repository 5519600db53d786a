"""What a refund would do, said before it is asked for."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.money import Currency
from domain.purchase import Purchase
from domain.refunding import (
    NotRefundable,
    RefundTooLarge,
    RefundUnderWay,
    ask_refund,
    check_refundable,
    check_whole_if_free,
    rest_to_refund,
    with_rows,
)
from domain.refunds import RefundState
from domain.transitions import GiveBackFree


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundEffect:
    """What becomes of it once the money has arrived, in minor units of `currency`.

    `left` is what could still be given back then.  `why_not` is a stable word, None
    when nothing stands in the way; then nothing is given back, lost or released.
    """

    amount: int
    left: int
    currency: Currency
    loses_access: bool = False
    releases_spot: bool = False
    why_not: str | None = None
    message: str | None = None


def effect_of_refund(
    purchase: Purchase, *, amount: int | None, at: datetime
) -> RefundEffect:
    """Ask the rules that a refund by an admin asks, and change nothing.

    Args:
        purchase: any.
        amount: in minor units; None for all that is left.
        at: now.
    """
    rest, currency = rest_to_refund(purchase), purchase.quote.total.currency
    try:
        after = _given_back(purchase, amount, at)
    except NotRefundable as refusal:
        why, message = refusal.why, str(refusal)
    except (RefundTooLarge, RefundUnderWay) as refusal:
        why, message = refusal.code, str(refusal)
    else:
        left = rest_to_refund(after)
        return RefundEffect(
            amount=rest - left,
            left=left,
            currency=currency,
            loses_access=purchase.is_owned and not after.is_owned,
            releases_spot=purchase.holds_a_spot and not after.holds_a_spot,
        )
    return RefundEffect(
        amount=0, left=rest, currency=currency, why_not=why, message=message
    )


def _given_back(purchase: Purchase, amount: int | None, at: datetime) -> Purchase:
    """Return the purchase as it would be in the end."""
    check_refundable(purchase)
    check_whole_if_free(purchase, amount=amount)
    if purchase.is_free:
        return purchase.after(GiveBackFree(quote=purchase.quote), at=at)
    asked = ask_refund(purchase, row_id="", amount=amount, reason="", by="")
    *others, row = asked.refunds
    done = replace(row, state=RefundState.DONE)
    return with_rows(asked, (*others, done))
