"""The provider says how a refund stands, ours or somebody else's."""

from dataclasses import dataclass

from application.match_payment import Mark, Match, MatchPayment, Stranger
from application.money_alerts import refund_without_room
from application.move_money import MoveMoney
from application.move_orphan import MoveOrphan
from application.ports.alerts import Alerts
from application.ports.randomness import Randomness
from domain.extra_money import is_extra, learn_reports, learn_word
from domain.orphans import Orphan
from domain.purchase import Purchase
from domain.refunding import RefundReport, knows_refund


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnRefund:
    """Match a refund by its payment and move the row that stands for it.

    It may be told any number of times, in any order, by webhook, by an answer or by a
    listing (protocol 3.2, EXTERNAL).
    """

    alerts: Alerts
    match: MatchPayment
    move: MoveMoney
    move_orphan: MoveOrphan
    randomness: Randomness

    async def __call__(self, report: RefundReport, *, by: str) -> Match:
        """Return what the payment belongs to, as it is now, or say why to nothing.

        Raises:
            LivemodeMismatch: nothing was concluded.
            PaymentGatewayUnavailable: nothing is known; ask again.
            StorageUnavailable: likewise; every step may be repeated.
        """
        mark = Mark(
            purchase_id=report.purchase_id,
            app=report.app,
            environment=report.environment,
        )
        found = await self.match(report.payment_intent, mark, by=by)
        if isinstance(found, Stranger):
            return found
        if isinstance(found, Orphan):
            return await self.move_orphan(found, lambda row: learn_word(row, report))
        return await self.of(found, report, by=by)

    async def of(self, purchase: Purchase, *reports: RefundReport, by: str) -> Purchase:
        """Learn refunds of a purchase that is known already, all in one write."""
        row_id = self.randomness.refund_id()

        def rule(before: Purchase) -> Purchase:
            return learn_reports(before, reports, new_row_id=row_id)

        moved = await self.move(purchase, rule, by=by)
        for report in reports:
            is_own = not is_extra(moved, report.payment_intent)
            if is_own and not knows_refund(moved, report):
                await self.alerts.send(refund_without_room(moved, report))
        return moved
