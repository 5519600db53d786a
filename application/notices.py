"""The mails about money that goes back: when they fall due and what they say."""

from dataclasses import dataclass
from datetime import datetime

from application.confirmation import receipt_url
from application.ports.mail import NoticeLetter
from domain.notices import with_notices
from domain.outbox import Notice
from domain.purchase import Purchase
from domain.refunds import ExtraReason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What a refund and an extra payment have in common for their buyer."""

    amount: int
    currency: str
    reason: ExtraReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Words every notice; `frontend_url` has no slash at its end."""

    mail_domain: str
    frontend_url: str

    def due(self, before: Purchase, after: Purchase, *, at: datetime) -> Purchase:
        """Return `after` with the mails that its buyer is owed since `before`."""
        return with_notices(before, after, at=at, mail_domain=self.mail_domain)

    def letter(self, purchase: Purchase, notice: Notice) -> NoticeLetter:
        """Write the letter about the notice's row, as the purchase stands now.

        Raises:
            ValueError: no row is called that; rows are never taken away.
        """
        row = _row_of(purchase, notice)
        return NoticeLetter(
            message_id=notice.message_id,
            to_email=purchase.buyer.email,
            to_name=purchase.buyer.name,
            kind=notice.kind,
            order_number=purchase.order_number,
            program_title=purchase.program.title,
            program_type=purchase.program.program_type,
            amount=row.amount,
            currency=row.currency,
            reason=row.reason,
            has_access=purchase.is_owned,
            receipt_url=(
                receipt_url(self.frontend_url, purchase)
                if purchase.completed_at
                else None
            ),
        )


def _row_of(purchase: Purchase, notice: Notice) -> _Row:
    for refund in purchase.refunds:
        if refund.id == notice.row_id:
            money = refund.amount
            return _Row(amount=money.amount, currency=money.currency.code)
    for extra in purchase.extra_payments:
        if extra.session_id == notice.row_id:
            return _Row(
                amount=extra.amount, currency=extra.currency, reason=extra.reason
            )
    raise ValueError(f"{notice.row_id} is no row of {purchase.id}")
