"""Orphans: payments of ours that no purchase can name.

Their money goes back like any extra payment's (`domain.extra_money`), unless a purchase
turns out to name it after all.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.checkout import CheckoutSession
from domain.ids import SessionId
from domain.purchase import Purchase
from domain.refunds import OPEN_EXTRAS, ExtraPayment, ExtraPaymentState, ExtraReason

# Long enough for a human who restores a lost purchase, shorter than what is promised
# to whoever waits for money.
GRACE: Final = timedelta(minutes=15)


class OrphanReason(StrEnum):
    UNKNOWN_PURCHASE = "unknown_purchase"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A payment of ours that no purchase can name, and how far it has gone back.

    `session` is the provider's word on it when it was found.  `is_matched`: a purchase
    names it after all, and what becomes of it stands there.
    """

    session: CheckoutSession
    reason: OrphanReason
    event_id: str | None
    found_at: datetime
    money: ExtraPayment
    is_matched: bool = False
    revision: int = 0  # how often any of it moved

    @classmethod
    def found(
        cls,
        session: CheckoutSession,
        *,
        reason: OrphanReason,
        event_id: str | None,
        at: datetime,
    ) -> Self:
        """Write it down, and in the same write that it is owed.

        What came by no payment that the provider could refund is a human's at once.
        """
        has_intent = session.payment_intent is not None
        money = ExtraPayment(
            session_id=session.id,
            payment_intent=session.payment_intent,
            amount=session.amount_total,
            currency=session.currency,
            reason=ExtraReason.ORPHAN,
            state=ExtraPaymentState.DUE if has_intent else ExtraPaymentState.FAILED,
        )
        return cls(
            session=session, reason=reason, event_id=event_id, found_at=at, money=money
        )

    @property
    def id(self) -> str:
        """Name it: by its payment, or by its session if it has none."""
        return self.session.payment_intent or self.session.id

    @property
    def due_at(self) -> datetime:
        """Return when it goes back, if nobody has found its purchase by then."""
        return self.found_at + GRACE

    @property
    def is_owed(self) -> bool:
        """Say whether it has yet to go back, or has yet to arrive there."""
        return not self.is_matched and self.money.state in OPEN_EXTRAS

    @property
    def is_open(self) -> bool:
        """Say whether anybody still waits for it: its payer, a bank or a human."""
        is_done = self.money.state is ExtraPaymentState.DONE
        return not self.is_matched and not is_done

    def matched(self) -> Self:
        """Leave it to the purchase that names it."""
        return replace(self, is_matched=True)


def names_session(purchase: Purchase, session_id: SessionId) -> bool:
    """Say whether a purchase names the payment of a session."""
    if purchase.paid is not None and purchase.paid.session_id == session_id:
        return True
    return any(row.session_id == session_id for row in purchase.extra_payments)
