"""The service with one thing wrong in how money goes back."""

from collections.abc import Sequence
from dataclasses import replace

from application.give_back import GiveBack, MoveRow
from application.learn_dispute import LearnDispute
from application.learn_refund import LearnRefund
from application.match_payment import Match
from application.move_money import MoveMoney, Rule
from application.send_refund import SendRefund
from domain.disputes import DisputeReport
from domain.extra_money import RowRule, is_extra, learn_extra_refund
from domain.ids import PurchaseId
from domain.purchase import OWNED, Purchase, Status
from domain.refunding import RefundReport, learn_refund
from domain.refunds import ExtraPayment, Refund, RefundState


class RefundsTheDisputed(SendRefund):
    """Sends what is due, whatever a bank is doing with the payment."""

    async def __call__(
        self, purchase: Purchase, row_id: str, *, is_new: bool = False, by: str
    ) -> Purchase:
        row = next(row for row in purchase.refunds if row.id == row_id)
        intent = purchase.paid.payment_intent if purchase.paid else None
        if purchase.forbids_refunds and row.state is RefundState.DUE and intent:
            return await self._create(purchase, row, intent, by=by)
        return await super().__call__(purchase, row_id, is_new=is_new, by=by)


class BelievesRefusals(SendRefund):
    """Takes "already refunded" and all that sounds like it for done."""

    async def _refuse(
        self, purchase: Purchase, row: Refund, reports: Sequence[RefundReport], by: str
    ) -> Purchase:
        done = replace(row, state=RefundState.DONE)

        def rule(before: Purchase) -> Purchase:
            rows = tuple(done if r.id == row.id else r for r in before.refunds)
            return replace(before, refunds=rows, status=Status.REFUNDED)

        return await self.move(purchase, rule, by=by)


class ForgetsWhatCameBack(LearnRefund):
    """Notes that a refund failed after its success, and owes nothing anew."""

    async def of(self, purchase: Purchase, *reports: RefundReport, by: str) -> Purchase:
        def rule(before: Purchase) -> Purchase:
            for report in reports:
                of_extra = is_extra(before, report.payment_intent)
                learn = learn_extra_refund if of_extra else learn_refund
                before = learn(before, report)
            return before

        return await self.move(purchase, rule, by=by)


class IgnoresTheDashboard(LearnRefund):
    """Knows the refunds that it asked for, and no others."""

    async def of(self, purchase: Purchase, *reports: RefundReport, by: str) -> Purchase:
        ours = [report for report in reports if report.row_id is not None]
        return await super().of(purchase, *ours, by=by)


class MovesInTwoWrites(MoveMoney):
    """Writes the row, and then the status that follows from it."""

    async def __call__(self, purchase: Purchase, rule: Rule, *, by: str) -> Purchase:
        def rows_only(before: Purchase) -> Purchase:
            return replace(rule(before), status=before.status)

        purchase = await super().__call__(purchase, rows_only, by=by)
        return await super().__call__(purchase, rule, by=by)


class ReleasesWhatIsRefunding(MoveMoney):
    """Gives the spot away as soon as the money is asked back."""

    async def _conclude(self, before: Purchase, after: Purchase) -> None:
        if after.status is Status.REFUNDING:
            programs = self.release_spot.programs
            await programs.release_spot(after.program.id, after.id)
        await super()._conclude(before, after)


class TakesAPartForAll(LearnRefund):
    """Ends a purchase with its first refund, whatever that gave back."""

    async def of(self, purchase: Purchase, *reports: RefundReport, by: str) -> Purchase:
        after = await super().of(purchase, *reports, by=by)

        def rule(before: Purchase) -> Purchase:
            is_done = any(r.state is RefundState.DONE for r in before.refunds)
            if before.status not in OWNED or not is_done:
                return before
            return replace(before, status=Status.REFUNDED)

        return await self.move(after, rule, by=by)


class KeepsWhatTheBankTook(LearnDispute):
    """Flags a dispute, and leaves the purchase as it is."""

    async def __call__(self, report: DisputeReport, *, by: str) -> Match:
        def rule(before: Purchase) -> Purchase:
            known = before.dispute
            is_news = known is None or known.is_older_than(report.dispute)
            return replace(before, dispute=report.dispute) if is_news else before

        rows = self.move.purchases
        purchase = await rows.find_by_payment_intent(report.payment_intent)
        if purchase is None or is_extra(purchase, report.payment_intent):
            return await super().__call__(report, by=by)
        return await self.move(purchase, rule, by=by)


class GivesUpExtraMoney(GiveBack):
    """Takes a refund of extra money that did not come about for the end of it."""

    async def __call__(
        self, row: ExtraPayment, move: MoveRow, *, purchase_id: PurchaseId | None
    ) -> None:
        def given_up(rule: RowRule) -> RowRule:
            def bent(before: ExtraPayment) -> ExtraPayment:
                after = rule(before)
                is_missed = after.tries > before.tries
                return before.done("none") if is_missed else after

            return bent

        async def move_bent(rule: RowRule) -> ExtraPayment:
            return await move(given_up(rule))

        await super().__call__(row, move_bent, purchase_id=purchase_id)
