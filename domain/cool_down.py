"""A pause for whoever takes class-rep spots and leaves them, again and again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import DomainError
from domain.purchase import ClosedReason, Purchase

# A checkout that gave way to the buyer's own other choice is not abandoned, and one
# that the provider refused is no fault of the buyer.
ABANDONED: Final = frozenset({ClosedReason.CANCELLED, ClosedReason.EXPIRED})


class CoolingDown(DomainError):
    """Too many class-rep checkouts were left unpaid; `wait` before the next one."""

    code = "class_rep_cool_down"

    def __init__(self, *, wait: timedelta) -> None:
        super().__init__(
            "You have left several class-rep checkouts of this program unpaid; "
            "please wait before you begin another, or take a place without one."
        )
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolDown:
    """How many abandoned checkouts within how long are too many; `after` 0: no end.

    It is about one buyer and one program (hazards 7.1, docs/adr/0023).  The window
    slides: what was abandoned longer ago than `within` counts no more.
    """

    after: int
    within: timedelta

    def __post_init__(self) -> None:
        if self.after < 0 or self.within <= timedelta(0):
            raise ValueError("a cool-down counts up, within some time")

    def wait(self, abandoned: Iterable[datetime], *, at: datetime) -> timedelta | None:
        """Return how long the next checkout has to wait; None: it may begin.

        Args:
            abandoned: when each was closed; the newest `after` of them are enough.
            at: now.
        """
        recent = sorted(when for when in abandoned if when > at - self.within)
        if not self.after or len(recent) < self.after:
            return None
        return recent[-self.after] + self.within - at


def is_abandoned(purchase: Purchase) -> bool:
    """Say whether the buyer left a page that was open: closed, and never paid for.

    One that never had a page was not theirs to leave.
    """
    return (
        purchase.is_class_rep
        and purchase.session is not None
        and purchase.closed_reason in ABANDONED
        and not purchase.extra_payments
    )
