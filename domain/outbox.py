"""Mails that are due, kept in the purchase until somebody has sent them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

TRIES_MAX: Final = 12
FIRST_PAUSE: Final = timedelta(seconds=15)
PAUSE_MAX: Final = timedelta(hours=6)


class MailState(StrEnum):
    DUE = "due"
    LEASED = "leased"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """One mail and how far it came.

    `until` is when a due mail may be tried or when a lease ends.  All tries carry the
    one `message_id`, so that a second copy is recognised as such (invariant I14).
    """

    message_id: str
    until: datetime
    state: MailState = MailState.DUE
    tries: int = 0
    leased_by: str | None = None

    def is_due(self, at: datetime) -> bool:
        """Say whether somebody may take it: it waits, or its last taker vanished."""
        return self.is_open and self.until <= at

    @property
    def is_open(self) -> bool:
        """Say whether it has yet to be sent."""
        return self.state in (MailState.DUE, MailState.LEASED)

    @property
    def is_spent(self) -> bool:
        """Say whether it was tried as often as it may be, whoever survived that."""
        return self.tries >= TRIES_MAX

    def lease(self, *, by: str, until: datetime) -> Self:
        """Take it for one try."""
        return replace(
            self,
            state=MailState.LEASED,
            tries=self.tries + 1,
            leased_by=by,
            until=until,
        )

    def sent(self) -> Self:
        return replace(self, state=MailState.SENT, leased_by=None)

    def failed(self, *, at: datetime, jitter: float) -> Self:
        """Wait longer after each failure; after the last one, wait for a human.

        Args:
            at: now.
            jitter: where in the second half of the pause the next try falls, 0 to 1,
                so that many mails do not come back at once.
        """
        if self.is_spent:
            return self.given_up()
        pause = min(FIRST_PAUSE * 2 ** (self.tries - 1), PAUSE_MAX)
        until = at + pause * (0.5 + jitter / 2)
        return replace(self, state=MailState.DUE, until=until, leased_by=None)

    def given_up(self) -> Self:
        """Leave it to a human."""
        return replace(self, state=MailState.DEAD, leased_by=None)

    def again(self, *, at: datetime) -> Self:
        """Be due once more, because a human asks for it."""
        return replace(self, state=MailState.DUE, tries=0, leased_by=None, until=at)


class NoticeKind(StrEnum):
    """What a buyer is told about money that goes back."""

    REFUND_RECEIVED = "refund_received"
    REFUND_AGAIN = "refund_again"  # it came back after it had arrived
    REFUND_DONE = "refund_done"
    REFUND_FAILED = "refund_failed"
    MONEY_RETURNED = "money_returned"  # late, second or wrong money


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(OutgoingMail):
    """A mail about one row of a purchase's money.

    `row_id` is a refund's id or an extra payment's session; `place` is where it stands
    among the purchase's notices, which never lose one.
    """

    kind: NoticeKind
    row_id: str
    place: int
