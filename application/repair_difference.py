"""Mend one difference, by the use case that would have prevented it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from application.drive_money import DriveMoney
from application.drive_orphan import DriveOrphan
from application.drive_purchase import DrivePurchase
from application.follow_session import FollowSession
from application.learn_dispute import LearnDispute
from application.learn_refund import LearnRefund
from application.ports.orphans import OrphanRepository
from application.ports.payment_history import PaymentHistory
from application.ports.payments import PaymentGateway, SessionNotOpen
from application.ports.programs import ProgramRepository
from application.ports.purchases import PurchaseNotFound, PurchaseRepository
from application.ports.refunds import RefundGateway
from application.replay_event import ReplayEvent
from domain.findings import Finding, Repair
from domain.ids import ProgramId, PurchaseId, SessionId
from domain.purchase import Purchase

Act: TypeAlias = Callable[[Finding, str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairDifference:
    """Nothing here writes by itself: each repair is a step that the service takes too.

    So a repair may be repeated, and may race with the service: whoever comes second
    finds it done.
    """

    drive: DrivePurchase
    drive_money: DriveMoney
    drive_orphan: DriveOrphan
    follow_session: FollowSession
    history: PaymentHistory
    learn_dispute: LearnDispute
    learn_refund: LearnRefund
    orphans: OrphanRepository
    payments: PaymentGateway
    programs: ProgramRepository
    purchases: PurchaseRepository
    refunds: RefundGateway
    replay_event: ReplayEvent

    async def __call__(self, finding: Finding, *, by: str) -> None:
        """Do what policy says.

        Args:
            finding: as it was when somebody looked just now; one without a repair is
                left as it is.
            by: who asked for it, for the purchase's log.

        Raises:
            ApplicationError: it was not done, or it is not known; look again.
            DomainError: a rule forbids it; nothing was done.
        """
        act = self._acts.get(finding.repair)
        if act is not None:
            await act(finding, by)

    @property
    def _acts(self) -> Mapping[Repair, Act]:
        return {
            Repair.SETTLE: self._settle,
            Repair.RECORD_ORPHAN: self._record_orphan,
            Repair.EXPIRE_SESSION: self._expire,
            Repair.DRIVE: self._drive,
            Repair.SEND_REFUND: self._send_refund,
            Repair.LEARN_REFUND: self._learn_refund,
            Repair.LEARN_DISPUTE: self._learn_dispute,
            Repair.RELEASE_SPOT: self._release,
            Repair.REPLAY_EVENT: self._replay,
        }

    async def _settle(self, finding: Finding, by: str) -> None:
        """Record what the session means, and send back at once what is not owed."""
        session = await self.payments.get_session(SessionId(finding.subject))
        await self.follow_session(session)
        try:
            purchase = await self._purchase(finding)
        except PurchaseNotFound:
            return  # its record is an orphan's
        await self.drive_money(purchase, by=by)

    async def _record_orphan(self, finding: Finding, _by: str) -> None:
        """Record it; one that is recorded and should long be gone, give back."""
        payment = finding.evidence.get("payment")
        if payment is not None:
            await self.drive_orphan(await self.orphans.get(str(payment)))
            return
        session = await self.payments.get_session(SessionId(finding.subject))
        await self.follow_session(session)

    async def _expire(self, finding: Finding, by: str) -> None:
        try:
            await self.payments.expire_session(SessionId(finding.subject))
        except SessionNotOpen:
            await self._settle(finding, by)  # somebody was faster, perhaps paid

    async def _drive(self, finding: Finding, by: str) -> None:
        purchase = await self.drive(await self._purchase(finding))
        await self.drive_money(purchase, by=by)

    async def _send_refund(self, finding: Finding, by: str) -> None:
        await self.drive_money(await self._purchase(finding), by=by)

    async def _learn_refund(self, finding: Finding, by: str) -> None:
        report = await self.refunds.get_refund(finding.subject)
        await self.learn_refund(report, by=by)

    async def _learn_dispute(self, finding: Finding, by: str) -> None:
        report = await self.history.dispute(finding.subject)
        if report is not None:
            await self.learn_dispute(report, by=by)

    async def _release(self, finding: Finding, _by: str) -> None:
        await self.programs.release_spot(
            ProgramId(str(finding.evidence["program_id"])),
            PurchaseId(str(finding.evidence["purchase_id"])),
        )

    async def _replay(self, finding: Finding, _by: str) -> None:
        await self.replay_event(finding.subject)

    async def _purchase(self, finding: Finding) -> Purchase:
        purchase_id = str(finding.evidence["purchase_id"])
        return await self.purchases.get(PurchaseId(purchase_id))
