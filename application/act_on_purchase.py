"""An admin takes a hand in one purchase."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from application.cancel_purchase import CancelPurchase
from application.drive_money import DriveMoney
from application.drive_purchase import DrivePurchase
from application.ports.audit import AuditEntry, AuditLog, about_purchase
from application.ports.clock import Clock
from application.ports.purchases import AdminAct, PurchaseRepository
from application.request_refund import RequestRefund, RequestRefundCommand
from application.resend_confirmation import ResendConfirmation
from application.resend_notice import ResendNotice
from domain.ids import PurchaseId
from domain.purchase import Purchase

ADMINS_REASON: Final = "requested_by_admin"


class Act(StrEnum):
    """What may be done by hand: each only what happens by itself as well."""

    CANCEL = "cancel"
    RECONCILE = "reconcile"
    REFUND = "refund"
    RESEND_CONFIRMATION = "resend_confirmation"
    RESEND_NOTICE = "resend_notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActCommand:
    """Who does what, to which purchase and why.

    `amount` is for a refund in part, `name` for one that may be asked for again;
    `place` says which notice is sent again.
    """

    act: Act
    purchase_id: PurchaseId
    admin: str
    reason: str
    amount: int | None = None
    name: str | None = None
    place: int = 0

    @property
    def by(self) -> str:
        return f"admin {self.admin}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOnPurchase:
    """Write down who means to do what and why, then do it.

    What is refused has been written down too: the record says what was asked, the
    purchase's log says what came of it.
    """

    audit: AuditLog
    cancel_purchase: CancelPurchase
    clock: Clock
    drive: DrivePurchase
    drive_money: DriveMoney
    purchases: PurchaseRepository
    request_refund: RequestRefund
    resend_confirmation: ResendConfirmation
    resend_notice: ResendNotice

    async def __call__(self, command: ActCommand) -> Purchase:
        """Return the purchase as it is afterwards.

        Raises:
            CannotCancel: it is completed; refund it.
            CannotResend: no confirmation is owed, or one is on its way.
            MailNotFound: no such notice.
            LivemodeMismatch: its session is of the other mode.
            NotRefundable: not completed, disputed, or refunded in too many parts.
            PaymentGatewayUnavailable: nothing was learnt.
            PurchaseNotFound: no such purchase.
            RefundTooLarge: more than is left of what was paid.
            RefundUnderWay: a refund of it is due or sent.
            StorageUnavailable: ask again; every step may be repeated, a refund in part
                under the same name.
        """
        act = AdminAct(
            what=command.act.value,
            by=command.by,
            why=command.reason,
            at=self.clock.now(),
        )
        await self.purchases.note_act(command.purchase_id, act)
        await self.audit.note(_entry(command, act))
        match command.act:
            case Act.CANCEL:
                return await self.cancel_purchase(
                    None, command.purchase_id, by=command.by
                )
            case Act.RECONCILE:
                return await self._reconcile(command)
            case Act.REFUND:
                return await self._refund(command)
            case Act.RESEND_CONFIRMATION:
                return await self.resend_confirmation(command.purchase_id)
            case Act.RESEND_NOTICE:
                return await self.resend_notice(
                    command.purchase_id, place=command.place
                )

    async def _refund(self, command: ActCommand) -> Purchase:
        """Give it back; the buyer sees the refund, and not what the admins wrote."""
        return await self.request_refund(
            RequestRefundCommand(
                purchase_id=command.purchase_id,
                buyer_id=None,
                amount=command.amount,
                reason=ADMINS_REASON,
                by=command.by,
                name=command.name,
            )
        )

    async def _reconcile(self, command: ActCommand) -> Purchase:
        """Do at once what a round would do in its own time, claimed or not."""
        purchase = await self.drive(await self.purchases.get(command.purchase_id))
        if purchase.has_open_money:
            purchase = await self.drive_money(purchase, by=command.by)
        return purchase


def _entry(command: ActCommand, act: AdminAct) -> AuditEntry:
    """Say it in the log of all acts too: a purchase keeps only its newest."""
    return AuditEntry(
        at=act.at,
        by=act.by,
        what=act.what,
        subject=about_purchase(command.purchase_id),
        why=act.why,
        after={} if command.amount is None else {"amount": command.amount},
    )
