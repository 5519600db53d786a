"""How likely each mishap is in one story."""

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Final, Self


class Fault(StrEnum):
    """What can go wrong at a call to the outside."""

    CRASH = "crash"  # the whole process, with everything under way in it
    HANG_UP = "hang_up"  # the one request is cancelled
    UNKNOWN = "unknown"  # the call fails, before its effect or after it
    DELAY = "delay"  # the worker sleeps, up to far beyond every timeout
    SAVED_500 = "saved_500"  # the provider fails and repeats the failure by its key
    WEBHOOKS = "webhooks"  # lost, doubled, late and out of order
    CLOCK = "clock"  # an instance's clock is days off
    ROGUE = "rogue"  # money comes that the provider had ruled out
    REFUNDS = "refunds"  # slow, refused, failed, failed after success, down
    DASHBOARD = "dashboard"  # somebody refunds there, in full or in part
    DISPUTES = "disputes"  # banks take payments into question, and some back


EVERY_FAULT: Final = frozenset(Fault)
DELAYS: Final = (0.5, 5.0, 9.0, 30.0, 130.0, 400.0, 2400.0)  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """Chances from 0 to 1, at each call or, for the last eleven, at each occasion."""

    crash: float = 0.0
    hang_up: float = 0.0
    unknown: float = 0.0
    delay: float = 0.0
    saved_500: float = 0.0
    lost_event: float = 0.0
    doubled_event: float = 0.0
    wrong_clock: float = 0.0
    rogue: float = 0.0
    slow_refund: float = 0.0
    refused_refund: float = 0.0
    failed_refund: float = 0.0
    refunds_down: float = 0.0
    dashboard: float = 0.0
    dispute: float = 0.0

    @classmethod
    def drawn(cls, random: Random, faults: frozenset[Fault]) -> Self:
        """Draw calm, rough and stormy stories alike, with the given faults only."""
        storm = random.choice((0.0, 0.5, 1.0, 3.0))
        odds = cls(
            crash=0.004 * storm,
            hang_up=0.006 * storm,
            unknown=0.03 * storm,
            delay=0.015 * storm,
            saved_500=0.08 * storm,
            lost_event=random.choice((0.0, 0.2, 1.0)),
            doubled_event=random.choice((0.0, 0.5)),
            wrong_clock=0.25,
            rogue=0.3,
            slow_refund=random.choice((0.0, 0.5, 1.0)),
            refused_refund=random.choice((0.0, 0.5)),
            failed_refund=random.choice((0.0, 0.1, 0.3)),
            refunds_down=0.35,
            dashboard=0.3,
            dispute=0.4,
        )
        for fault in Fault:
            if fault not in faults:
                odds = replace(odds, **dict.fromkeys(_FIELDS[fault], 0.0))
        return odds

    @classmethod
    def none(cls) -> Self:
        return cls()


_FIELDS: Final = {
    **{fault: (fault.value,) for fault in Fault},
    Fault.WEBHOOKS: ("lost_event", "doubled_event"),
    Fault.CLOCK: ("wrong_clock",),
    Fault.REFUNDS: (
        "slow_refund",
        "refused_refund",
        "failed_refund",
        "refunds_down",
    ),
    Fault.DISPUTES: ("dispute",),
}
