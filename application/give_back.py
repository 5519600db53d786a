"""Give back money that does not complete a purchase, wherever its row lives."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from application.ports.refunds import RefundGateway, RefundRefused
from domain.extra_money import RowRule, learn_listing, learn_word, refuse_try
from domain.ids import PurchaseId
from domain.refunding import RefundReport
from domain.refunds import OPEN_EXTRAS, ExtraPayment, ExtraPaymentState

MoveRow = Callable[[RowRule], Awaitable[ExtraPayment]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """Give back whatever is left of it, once, by the key of the session and the try.

    It is always looked for first: somebody may have given it back by hand, and what is
    under way is all of it only beside the parts that others gave back.
    """

    refunds: RefundGateway

    async def __call__(
        self, row: ExtraPayment, move: MoveRow, *, purchase_id: PurchaseId | None
    ) -> None:
        """Record what became of it, and send the try that is still due.

        Args:
            row: as it was read just now.
            move: puts a rule to the row where it is stored and returns it as it is now.
            purchase_id: written on the refund, to find it by.

        Raises:
            PaymentGatewayUnavailable: the row stays as it is; give it back again.
            StorageUnavailable: likewise.
        """
        intent = row.payment_intent
        if intent is None or row.state not in OPEN_EXTRAS:
            return
        reports = await self._listed(intent)
        still = await move(lambda now: learn_listing(now, reports))
        if (still.row_id, still.state) == (row.row_id, ExtraPaymentState.DUE):
            await self._send(still, intent, move, purchase_id)

    async def _send(
        self,
        row: ExtraPayment,
        intent: str,
        move: MoveRow,
        purchase_id: PurchaseId | None,
    ) -> None:
        try:
            report = await self.refunds.create_refund(
                key=f"rf:{row.row_id}",
                payment_intent=intent,
                amount=None,
                purchase_id=purchase_id,
                row_id=row.row_id,
            )
        except RefundRefused:
            reports = await self._listed(intent)
            await move(lambda now: refuse_try(learn_listing(now, reports), row.row_id))
            return
        if report.amount < row.amount:
            reports = await self._listed(intent)
            await move(lambda now: learn_listing(now, reports))
            return
        await move(lambda now: learn_word(now, report))

    async def _listed(self, payment_intent: str) -> Sequence[RefundReport]:
        """Return the refunds of a payment, the oldest first."""
        return list(reversed(await self.refunds.refunds_of(payment_intent)))
