"""A bank takes a payment into question, or decides about it."""

from dataclasses import dataclass

from application.match_payment import Mark, Match, MatchPayment, Stranger
from application.move_money import MoveMoney
from application.move_orphan import MoveOrphan
from application.ports.randomness import Randomness
from domain.disputes import DisputeReport
from domain.extra_money import learn_dispute
from domain.orphans import Orphan
from domain.purchase import Purchase
from domain.refunding import renew_refund


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnDispute:
    """Flag it; lost in full it ends the purchase (protocol 3.2, DISPUTE)."""

    match: MatchPayment
    move: MoveMoney
    move_orphan: MoveOrphan
    randomness: Randomness

    async def __call__(self, report: DisputeReport, *, by: str) -> Match:
        """Return what the payment belongs to, as it is now, or say why to nothing.

        Raises:
            LivemodeMismatch: nothing was concluded.
            PaymentGatewayUnavailable: nothing is known; ask again.
            StorageUnavailable: likewise; every step may be repeated.
        """
        found = await self.match(report.payment_intent, Mark(), by=by)
        if isinstance(found, Stranger):
            return found
        if isinstance(found, Orphan):
            dispute = report.dispute
            return await self.move_orphan(found, lambda row: row.disputed(dispute))
        row_id = self.randomness.refund_id()

        def rule(before: Purchase) -> Purchase:
            after = learn_dispute(before, report)
            return after if after == before else renew_refund(after, row_id=row_id)

        return await self.move(found, rule, by=by)
