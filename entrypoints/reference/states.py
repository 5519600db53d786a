"""The states of a purchase, drawn from the table that the code obeys."""

from collections.abc import Iterator, Mapping
from typing import Final

from domain.purchase import LIVE, NEXT, OWNED, TERMINAL, ClosedReason, Status
from entrypoints.reference.tables import table

MEANING: Final[Mapping[Status, str]] = {
    Status.CREATING: "Recorded; a class rep has no spot yet. Stripe knows nothing.",
    Status.RESERVED: "Its spot is held, if it wants one; Stripe may have been asked.",
    Status.PENDING: "Stripe's page is open, and the buyer may pay.",
    Status.CLOSING: "Somebody wants it ended; Stripe is asked whether it was paid.",
    Status.COMPLETED: "Paid as quoted, or it cost nothing. The buyer has access.",
    Status.REFUNDING: "All of it goes back; access lasts until Stripe has done it.",
    Status.REFUNDED: "Given back in full, or lost in a dispute. Nothing moves it.",
    Status.CLOSED: "Ended without payment. Money that still comes is given back.",
}
ON_THE_WIRE: Final[Mapping[Status, str]] = {
    Status.CREATING: "pending",
    Status.RESERVED: "pending",
    Status.PENDING: "pending",
    Status.CLOSING: "pending",
    Status.COMPLETED: "completed, refund_failed",
    Status.REFUNDING: "refund_processing",
    Status.REFUNDED: "refunded",
    Status.CLOSED: "failed",
}
REASONS: Final[Mapping[ClosedReason, str]] = {
    ClosedReason.CANCELLED: "The buyer or an admin cancelled it.",
    ClosedReason.EXPIRED: "Nobody paid in time.",
    ClosedReason.LIMIT_REACHED: "No class-rep spot was left.",
    ClosedReason.REJECTED: "Stripe refused to open a page for it.",
    ClosedReason.REPLACED: "The buyer chose otherwise.",
    ClosedReason.FAILED: "A delayed payment did not arrive.",
}

INTRODUCTION: Final = """# The states of a purchase

Every arrow is one conditional write that the database decides; there is no other way
from one state to another.
"""


def page() -> str:
    """Return the page.

    Raises:
        KeyError: a status or a reason has no meaning here.
    """
    return "\n\n".join(
        [
            INTRODUCTION,
            f"```mermaid\n{_drawn()}\n```",
            table(
                ["Status", "Means", "On the wire", "Live", "Access"],
                [
                    (
                        f"`{status}`",
                        MEANING[status],
                        ON_THE_WIRE[status],
                        "yes" if status in LIVE else "",
                        "yes" if status in OWNED else "",
                    )
                    for status in Status
                ],
            ),
            "*Live* means that the buyer can have no second one of the same program.",
            "## Why a purchase was closed",
            table(
                ["`closedReason`", "Means"],
                [(f"`{reason}`", REASONS[reason]) for reason in ClosedReason],
            ),
        ]
    )


def _drawn() -> str:
    return "\n".join(["stateDiagram-v2", *(f"  {arrow}" for arrow in _arrows())])


def _arrows() -> Iterator[str]:
    yield f"[*] --> {Status.CREATING}"
    yield f"[*] --> {Status.RESERVED}"
    for status in Status:
        for after in Status:
            if after in NEXT[status]:
                yield f"{status} --> {after}"
    for status in Status:
        if status in TERMINAL:
            yield f"{status} --> [*]"
