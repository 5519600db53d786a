"""Every kind of finding: what it means, how bad it is, and what mends it."""

from collections.abc import Mapping
from typing import Final

from domain.findings import POLICY, FindingKind, Repair
from entrypoints.reference.tables import table

MEANING: Final[Mapping[FindingKind, str]] = {
    FindingKind.STUCK_PHASE: "A purchase waits for longer than its phase may last.",
    FindingKind.UNPROVEN_PAYMENT: "Completed here, and Stripe says otherwise.",
    FindingKind.UNREADABLE: "A row that this version cannot read.",
    FindingKind.DEAD_MAIL: "A mail was given up.",
    FindingKind.PAID_UNKNOWN: "Paid at Stripe, and its purchase does not know.",
    FindingKind.LATE_MONEY: "Paid after its purchase had ended, and still here.",
    FindingKind.DOUBLE_PAID: "A second payment, still here.",
    FindingKind.AMOUNT_MISMATCH: "Not what was quoted, and still here.",
    FindingKind.ORPHAN_PAYMENT: "A payment of ours that no purchase names.",
    FindingKind.ORPHAN_SESSION: "Still payable, though its purchase has ended.",
    FindingKind.STRAY_SESSION: "Payable, ours, and no purchase names it.",
    FindingKind.STUCK_REFUND: "A refund is due, and was not sent for too long.",
    FindingKind.REFUND_FAILED: "Stripe gave nothing back, and money is left.",
    FindingKind.REFUNDED_BUT_ACTIVE: "All was given back, and access was kept.",
    FindingKind.UNKNOWN_REFUND: "Stripe lists a refund that no row shows as it is.",
    FindingKind.DISPUTE_OPEN: "A bank has yet to decide.",
    FindingKind.UNKNOWN_DISPUTE: "Stripe lists a dispute that we do not show as it is.",
    FindingKind.LEDGER_DIFFERENCE: "A day's sums are not Stripe's.",
    FindingKind.LEAKED_SPOT: "A spot is held by a purchase that has ended.",
    FindingKind.STRAY_SPOT: "A spot is held by no class-rep purchase of the program.",
    FindingKind.MISSING_SPOT: "A live class rep holds no spot.",
    FindingKind.COUNTER_DRIFT: "The counter is not the number of spots.",
    FindingKind.QUARANTINED_EVENT: "An event of ours fits nothing that we know.",
}
INTRODUCTION: Final = """# Findings

A finding is one difference between our rows, the spots and Stripe. `spothold reconcile`
shows them with the plan that mends them; the service looks by itself every quarter of
an hour. *By itself* means that a job mends it without anybody; a human hears of it when
it stays.
"""


def page() -> str:
    """Return the page.

    Raises:
        KeyError: a kind has no meaning here.
    """
    return (
        INTRODUCTION
        + "\n"
        + table(
            ["Finding", "Means", "Severity", "Repair", "Next step"],
            [_row(kind) for kind in FindingKind],
        )
    )


def _row(kind: FindingKind) -> tuple[str, ...]:
    policy = POLICY[kind]
    repair = "a decision" if policy.repair is Repair.NONE else f"`{policy.repair}`"
    by_itself = ", by itself" if policy.is_automatic else ""
    return (
        f"`{kind}`",
        MEANING[kind],
        policy.severity.name.lower(),
        repair + by_itself,
        policy.next_step,
    )
