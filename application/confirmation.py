"""The confirmation mail: when it falls due and what it says."""

from dataclasses import dataclass
from datetime import datetime

from application.ports.mail import ConfirmationLetter
from domain.ids import PurchaseId
from domain.outbox import MailState, OutgoingMail
from domain.purchase import Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmations:
    """Words every confirmation; `frontend_url` has no slash at its end."""

    mail_domain: str
    frontend_url: str

    def due(self, purchase_id: PurchaseId, *, at: datetime) -> OutgoingMail:
        """Return the mail that completing the purchase owes, due at once."""
        return OutgoingMail(
            message_id=f"<confirm.{purchase_id}@{self.mail_domain}>", until=at
        )

    def again(
        self, purchase: Purchase, mail: OutgoingMail, *, at: datetime
    ) -> OutgoingMail:
        """Return the mail that is due because a human asks for it once more.

        What was given up goes on under its own id: should a try have arrived after
        all, the copy is known as one.  What was sent gets another id, or mailboxes
        would hide the very copy that was asked for.
        """
        message_id = mail.message_id
        if mail.state is MailState.SENT:
            second = int(at.timestamp())
            message_id = f"<confirm.{purchase.id}.{second}@{self.mail_domain}>"
        return OutgoingMail(message_id=message_id, until=at)

    def letter(self, purchase: Purchase, mail: OutgoingMail) -> ConfirmationLetter:
        """Write the letter of a completed purchase, to the address it was made with."""
        quote = purchase.quote
        return ConfirmationLetter(
            message_id=mail.message_id,
            to_email=purchase.buyer.email,
            to_name=purchase.buyer.name,
            order_number=purchase.order_number,
            program_title=purchase.program.title,
            program_type=purchase.program.program_type,
            purchased_at=purchase.completed_at or purchase.updated_at,
            time_zone=purchase.program.time_zone,
            full_price=quote.full_price.amount,
            class_rep_discount=quote.class_rep_discount.amount,
            early_bird_discount=quote.early_bird_discount.amount,
            total=quote.total.amount,
            currency=quote.total.currency.code,
            is_class_rep=quote.is_class_rep,
            is_early_bird=quote.is_early_bird,
            receipt_url=receipt_url(self.frontend_url, purchase),
        )


def receipt_url(frontend_url: str, purchase: Purchase) -> str:
    return f"{frontend_url}/dashboard/purchase-receipt/{purchase.id}"
