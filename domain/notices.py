"""Which mails fall due when a purchase's money moves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest
from typing import Final

from domain.outbox import Notice, NoticeKind
from domain.purchase import Purchase, Status
from domain.refunding import rest_to_refund
from domain.refunds import (
    OPEN_STATES,
    ExtraPaymentState,
    Refund,
    RefundState,
)

NOT_MADE: Final = frozenset({RefundState.FAILED, RefundState.REFUSED})


def with_notices(
    before: Purchase, after: Purchase, *, at: datetime, mail_domain: str
) -> Purchase:
    """Return `after` with the mails that the step from `before` makes due.

    No row is spoken of twice in the same way, whatever way it takes: so there is always
    room, and one message id for each.

    Args:
        before: as it was read.
        after: as a rule about money returned it.
        at: from when the mails are due.
        mail_domain: what their ids end with.
    """
    said = {(notice.kind, notice.row_id) for notice in before.notices}
    fresh = [subject for subject in _to_say(before, after) if subject not in said]
    notices = tuple(
        Notice(
            message_id=f"<{kind.replace('_', '-')}.{row_id}@{mail_domain}>",
            until=at,
            kind=kind,
            row_id=row_id,
            place=place,
        )
        for place, (kind, row_id) in enumerate(fresh, start=len(before.notices))
    )
    return replace(after, notices=(*before.notices, *notices))


def _to_say(before: Purchase, after: Purchase) -> Iterator[tuple[NoticeKind, str]]:
    for old, new in zip_longest(before.refunds, after.refunds):
        kind = _of_refund(old, new, after)
        if kind is not None:
            yield kind, new.id
    for known, extra in zip_longest(before.extra_payments, after.extra_payments):
        is_done = extra.state is ExtraPaymentState.DONE
        if is_done and known is not None and known.state is not extra.state:
            yield NoticeKind.MONEY_RETURNED, extra.session_id


def _of_refund(old: Refund | None, new: Refund, after: Purchase) -> NoticeKind | None:
    if old is not None and old.state is new.state:
        return None
    if new.state is RefundState.DONE:
        return NoticeKind.REFUND_DONE
    if old is None and new.state in OPEN_STATES:
        is_over = after.status is Status.REFUNDED
        return NoticeKind.REFUND_AGAIN if is_over else NoticeKind.REFUND_RECEIVED
    # Where the money went another way, or access is over, a human decides what to say.
    if old is not None and new.state in NOT_MADE and _keeps_access(after):
        return NoticeKind.REFUND_FAILED
    return None


def _keeps_access(purchase: Purchase) -> bool:
    return purchase.is_owned and rest_to_refund(purchase) > 0
