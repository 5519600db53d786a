"""Send the mails that purchases owe."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.confirmation import Confirmations
from application.notices import Notices
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.mail import Mailer
from application.ports.outbox import MailOutbox
from application.ports.payments import PaymentGateway, PaymentGatewayUnavailable
from application.ports.purchases import PurchaseRepository
from application.ports.randomness import Randomness
from application.ports.storage import StorageUnavailable
from application.ports.trail import Trail, TrailEntry, TrailKind
from domain.anonymity import is_anonymised
from domain.outbox import MailState, Notice, OutgoingMail
from domain.purchase import Purchase

BATCH: Final = 20  # purchases
# Longer than any one mail may take: 8 s for Stripe, 11 s for the mail server, 4 s for
# each write.  Others look every 5 s, and take over what died within a minute.
LEASE: Final = timedelta(seconds=45)
# What a try came to, by the state that it left the mail in.
OUTCOME_OF: Final = {
    MailState.SENT: "sent",
    MailState.DUE: "failed",
    MailState.DEAD: "given_up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverMail:
    """Lease, send, mark: at least once, and once unless a worker dies in between.

    Any number of workers may deliver at the same time; a lease left by a dead one ends
    by itself.  `worker` names this one.
    """

    alerts: Alerts
    clock: Clock
    confirmations: Confirmations
    mailer: Mailer
    notices: Notices
    outbox: MailOutbox
    payments: PaymentGateway
    purchases: PurchaseRepository
    randomness: Randomness
    trail: Trail
    worker: str

    async def __call__(self) -> int:
        """Try each mail that is due, and return how many were sent.

        Raises:
            StorageUnavailable: what was sent but not marked is sent once more later.
        """
        due = await self.outbox.due(at=self.clock.now(), limit=BATCH)
        return sum(
            [
                await self._deliver(purchase, mail)
                for purchase in due
                for mail in purchase.mails
            ]
        )

    async def _deliver(self, purchase: Purchase, waiting: OutgoingMail) -> bool:
        at = self.clock.now()
        if not waiting.is_due(at):
            return False
        # By workers that all died of it, or for a buyer who asked to be forgotten.
        if waiting.is_spent or is_anonymised(purchase):
            await self._mark(purchase, waiting, waiting.given_up())
            return False
        leased = waiting.lease(by=self.worker, until=at + LEASE)
        if not await self.outbox.swap(purchase.id, waiting, leased):
            return False  # another worker was faster
        is_sent = await self._send(purchase, leased)
        after = leased.sent() if is_sent else self._failed(leased)
        await self._mark(purchase, leased, after)
        return is_sent

    async def _mark(
        self, purchase: Purchase, before: OutgoingMail, after: OutgoingMail
    ) -> None:
        """Record how it went, unless the lease ended and another worker goes on."""
        is_ours = await self.outbox.swap(purchase.id, before, after)
        if is_ours:
            self._note(purchase, after)
        if is_ours and after.state is MailState.DEAD:
            await self.alerts.send(_dead_alert(purchase, after))

    def _note(self, purchase: Purchase, mail: OutgoingMail) -> None:
        entry = TrailEntry(
            kind=TrailKind.MAIL,
            what=_name_of(mail),
            at=self.clock.now(),
            subjects=(purchase.id,),
            facts={
                "messageId": mail.message_id,
                "outcome": OUTCOME_OF[mail.state],
                "tries": mail.tries,
            },
        )
        self.trail.note(entry)

    def _failed(self, mail: OutgoingMail) -> OutgoingMail:
        return mail.failed(at=self.clock.now(), jitter=self.randomness.jitter())

    async def _send(self, purchase: Purchase, mail: OutgoingMail) -> bool:
        """Say whether it was sent; a mail that cannot be must not stop the others."""
        try:
            await self._hand_over(purchase, mail)
        except StorageUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  # one poison row stops no other
            await self.alerts.send(_failure_alert(purchase, mail, error))
            return False
        return True

    async def _hand_over(self, purchase: Purchase, mail: OutgoingMail) -> None:
        if isinstance(mail, Notice):
            await self.mailer.send_notice(self.notices.letter(purchase, mail))
            return
        await self._learn_payment_method(purchase)
        await self.mailer.send_confirmation(self.confirmations.letter(purchase, mail))

    async def _learn_payment_method(self, purchase: Purchase) -> None:
        """Fetch for the receipt what no webhook should wait for."""
        paid = purchase.paid
        is_known = purchase.payment_method is not None
        if is_known or paid is None or paid.payment_intent is None:
            return
        try:
            method = await self.payments.payment_method(paid.payment_intent)
        except PaymentGatewayUnavailable:
            return  # the receipt says less; the mail does not wait for it
        await self.purchases.note_payment_method(purchase.id, method)


def _failure_alert(purchase: Purchase, mail: OutgoingMail, error: Exception) -> Alert:
    return Alert(
        code="mail_not_sent",
        message=f"A mail to a buyer was not sent: {type(error).__name__}.",
        next_step="None yet: it is tried again by itself. Look at the mail server.",
        facts={
            "purchase_id": purchase.id,
            "mail": _name_of(mail),
            "tries": mail.tries,
        },
    )


def _dead_alert(purchase: Purchase, mail: OutgoingMail) -> Alert:
    return Alert(
        code="mail_dead",
        message="A mail to a buyer could not be sent and is not tried any more.",
        next_step="Mend the mail server; send a confirmation again, or write yourself.",
        facts={"purchase_id": purchase.id, "mail": _name_of(mail)},
    )


def _name_of(mail: OutgoingMail) -> str:
    return mail.kind.value if isinstance(mail, Notice) else "confirmation"
