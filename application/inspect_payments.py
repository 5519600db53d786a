"""Compare what the provider says of payments with the purchases that they paid."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from application.inspect_purchases import unreadable
from application.ports.survey import Survey, UnreadablePurchase
from domain.disputes import DisputeReport
from domain.findings import Finding
from domain.purchase import Purchase
from domain.refunding import RefundReport

Report = TypeVar("Report", DisputeReport, RefundReport)


async def in_payments(
    survey: Survey,
    reports: Sequence[Report],
    compare: Callable[[Report, Purchase], Iterable[Finding]],
) -> list[Finding]:
    """Return what each report shows beside its purchase, in one trip for all.

    A payment that no purchase names shows among the sessions.
    """
    paid = await survey.paid_by({report.payment_intent for report in reports})
    found: list[Finding] = []
    for report in reports:
        row = paid.get(report.payment_intent)
        if isinstance(row, UnreadablePurchase):
            found.append(unreadable(row))
        elif row is not None:
            found.extend(compare(report, row))
    return found
