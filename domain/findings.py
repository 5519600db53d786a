"""A finding: one difference between what is and what should be.

What a kind of finding means, how bad it is and what mends it is policy, and stands in
one table.  Whoever looks for differences names the kind, the subject and the facts.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final, Self

Fact = str | int | None

ID_LETTERS: Final = 20  # of a hash in hexadecimal: 80 bits, no two meet


class FindingKind(StrEnum):
    # What was bought:
    STUCK_PHASE = "stuck_phase"  # it waits for longer than its phase may last (I13)
    UNPROVEN_PAYMENT = "unproven_payment"  # completed, and Stripe says otherwise (I3)
    UNREADABLE = "unreadable"  # a row that this version cannot read
    DEAD_MAIL = "dead_mail"  # a mail was given up
    # Money that came:
    PAID_UNKNOWN = "paid_unknown"  # paid at Stripe, and its purchase does not know
    LATE_MONEY = "late_money"  # paid after its purchase had ended, and still here
    DOUBLE_PAID = "double_paid"  # a second payment, still here
    AMOUNT_MISMATCH = "amount_mismatch"  # not what was quoted, and still here
    ORPHAN_PAYMENT = "orphan_payment"  # of ours, and no purchase names it
    ORPHAN_SESSION = "orphan_session"  # payable, though its purchase has ended
    STRAY_SESSION = "stray_session"  # payable, of ours, and no purchase names it
    # Money that goes back:
    STUCK_REFUND = "stuck_refund"  # due, and not sent for too long
    REFUND_FAILED = "refund_failed"  # Stripe gave nothing back, and money is left
    REFUNDED_BUT_ACTIVE = "refunded_but_active"  # all given back, access was kept
    UNKNOWN_REFUND = "unknown_refund"  # Stripe lists what no row shows as it is
    DISPUTE_OPEN = "dispute_open"  # a bank has yet to decide
    UNKNOWN_DISPUTE = "unknown_dispute"  # Stripe lists what we do not show as it is
    LEDGER_DIFFERENCE = "ledger_difference"  # a day's sums are not Stripe's (I21)
    # Spots:
    LEAKED_SPOT = "leaked_spot"  # held by a purchase that has ended
    STRAY_SPOT = "stray_spot"  # held by what is no class-rep purchase of the program
    MISSING_SPOT = "missing_spot"  # a live class rep holds none (I5)
    COUNTER_DRIFT = "counter_drift"  # the counter is not the number of spots (I5)
    # What Stripe told:
    QUARANTINED_EVENT = "quarantined_event"  # ours, and it fits nothing that we know


class Severity(IntEnum):
    NOTICE = 1  # it is right again by itself, or nobody loses anything
    WARNING = 2
    CRITICAL = 3  # money or a spot is lost unless somebody acts


class Repair(StrEnum):
    """What mends a finding; each is a use case that may be repeated."""

    SETTLE = "settle"  # take Stripe's word on the session; give back what is not owed
    EXPIRE_SESSION = "expire_session"
    RECORD_ORPHAN = "record_orphan"  # and give it back, if nobody has named it
    DRIVE = "drive"  # carry the purchase on
    SEND_REFUND = "send_refund"
    LEARN_REFUND = "learn_refund"  # record what Stripe lists
    LEARN_DISPUTE = "learn_dispute"
    RELEASE_SPOT = "release_spot"
    REPLAY_EVENT = "replay_event"  # apply what Stripe told once more
    NONE = "none"  # a human decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How bad it is, what mends it, and who: reconcile by itself, or a human."""

    severity: Severity
    repair: Repair
    is_automatic: bool
    next_step: str


def _by_itself(severity: Severity, repair: Repair, next_step: str) -> Policy:
    return Policy(
        severity=severity, repair=repair, is_automatic=True, next_step=next_step
    )


def _by_a_human(
    severity: Severity, next_step: str, repair: Repair = Repair.NONE
) -> Policy:
    return Policy(
        severity=severity, repair=repair, is_automatic=False, next_step=next_step
    )


POLICY: Final[Mapping[FindingKind, Policy]] = {
    FindingKind.STUCK_PHASE: _by_itself(
        Severity.WARNING,
        Repair.DRIVE,
        "If it stays, see in the log why it cannot be carried on.",
    ),
    FindingKind.UNPROVEN_PAYMENT: _by_a_human(
        Severity.CRITICAL,
        "Compare the purchase with its session in Stripe; refund it or ask for money.",
    ),
    FindingKind.UNREADABLE: _by_a_human(
        Severity.CRITICAL, "Read the row in the database, and what the log says of it."
    ),
    FindingKind.DEAD_MAIL: _by_a_human(
        Severity.WARNING,
        "Mend the mail server; send a confirmation again, or write yourself.",
    ),
    FindingKind.PAID_UNKNOWN: _by_itself(
        Severity.WARNING,
        Repair.SETTLE,
        "If it stays, see whether webhooks arrive and reconcile runs.",
    ),
    FindingKind.LATE_MONEY: _by_itself(
        Severity.WARNING, Repair.SETTLE, "See in Stripe that the money goes back."
    ),
    FindingKind.DOUBLE_PAID: _by_itself(
        Severity.WARNING, Repair.SETTLE, "See in Stripe that the money goes back."
    ),
    FindingKind.AMOUNT_MISMATCH: _by_itself(
        Severity.CRITICAL,
        Repair.SETTLE,
        "See that the money goes back, and who changed the amount at Stripe.",
    ),
    FindingKind.ORPHAN_PAYMENT: _by_itself(
        Severity.WARNING,
        Repair.RECORD_ORPHAN,
        "Restore its purchase, or see in Stripe that the money goes back.",
    ),
    FindingKind.ORPHAN_SESSION: _by_itself(
        Severity.WARNING,
        Repair.EXPIRE_SESSION,
        "Apply the plan of `spothold reconcile`, which closes the page.",
    ),
    FindingKind.STRAY_SESSION: _by_a_human(
        Severity.WARNING,
        "Find out where its purchase went; if nobody waits for it, apply the plan of"
        " `spothold reconcile`.",
        Repair.EXPIRE_SESSION,
    ),
    FindingKind.STUCK_REFUND: _by_itself(
        Severity.WARNING,
        Repair.SEND_REFUND,
        "If it stays, see in Stripe why, such as a balance that is too low.",
    ),
    FindingKind.REFUND_FAILED: _by_a_human(
        Severity.CRITICAL, "Ask the buyer for another way, and give the money back."
    ),
    FindingKind.REFUNDED_BUT_ACTIVE: _by_itself(
        Severity.WARNING,
        Repair.LEARN_REFUND,
        "If it stays, compare the purchase's refunds with Stripe's.",
    ),
    FindingKind.UNKNOWN_REFUND: _by_itself(
        Severity.WARNING,
        Repair.LEARN_REFUND,
        "If it stays, compare the purchase's refunds with Stripe's.",
    ),
    FindingKind.DISPUTE_OPEN: _by_a_human(
        Severity.WARNING, "Answer it in Stripe; nothing is refunded meanwhile."
    ),
    FindingKind.UNKNOWN_DISPUTE: _by_itself(
        Severity.WARNING, Repair.LEARN_DISPUTE, "Answer it in Stripe before it is late."
    ),
    FindingKind.LEDGER_DIFFERENCE: _by_a_human(
        Severity.CRITICAL, "Compare that day's payments and refunds with Stripe's."
    ),
    FindingKind.LEAKED_SPOT: _by_itself(
        Severity.NOTICE, Repair.RELEASE_SPOT, "If it stays, see whether reconcile runs."
    ),
    FindingKind.STRAY_SPOT: _by_a_human(
        Severity.WARNING,
        "Find out where its purchase went; if nobody is owed the spot, apply the plan"
        " of `spothold reconcile`.",
        Repair.RELEASE_SPOT,
    ),
    FindingKind.MISSING_SPOT: _by_a_human(
        Severity.CRITICAL,
        "Find out who took the spot away; the buyer keeps the place that was paid.",
    ),
    # Never recounted: between the count and the write somebody buys (hazard 80).
    FindingKind.COUNTER_DRIFT: _by_a_human(
        Severity.CRITICAL,
        "Set the program inactive, find out who wrote to it, correct it by hand.",
    ),
    # Whoever holds an event tells of it; told here as well, it would be told twice.
    FindingKind.QUARANTINED_EVENT: _by_itself(
        Severity.WARNING,
        Repair.REPLAY_EVENT,
        "See what `spothold events replay` with --dry-run says of it.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference.

    `evidence` holds facts that stay while the difference stays, and names no people: no
    ages, no moments of looking.  The same difference, found again, is the same finding.
    """

    kind: FindingKind
    subject: str
    evidence: Mapping[str, Fact]
    severity: Severity

    @classmethod
    def of(cls, kind: FindingKind, subject: str, **evidence: Fact) -> Self:
        """Name a difference; policy says how bad it is."""
        return cls(
            kind=kind,
            subject=subject,
            evidence=evidence,
            severity=POLICY[kind].severity,
        )

    @property
    def id(self) -> str:
        """Name it by its kind and its subject, for good."""
        digest = hashlib.sha256(f"{self.kind}\n{self.subject}".encode())
        return digest.hexdigest()[:ID_LETTERS]

    @property
    def plan(self) -> str:
        """Return the hash of mending this one and nothing else, as it is now."""
        return fingerprint([self])

    @property
    def repair(self) -> Repair:
        return POLICY[self.kind].repair

    @property
    def is_automatic(self) -> bool:
        """Say whether reconcile mends it by itself."""
        return POLICY[self.kind].is_automatic

    @property
    def next_step(self) -> str:
        return POLICY[self.kind].next_step

    @property
    def wants_a_human(self) -> bool:
        """Say whether somebody must be told: nobody else mends it, or it is bad."""
        return not self.is_automatic or self.severity is Severity.CRITICAL

    def overdue(self, *, is_overdue: bool = True) -> Self:
        """Be critical once it should long have been mended."""
        return replace(self, severity=Severity.CRITICAL) if is_overdue else self

    def is_still(self, other: Self) -> bool:
        """Say whether both are one difference with the same facts.

        How bad it is does not count: that grows with time alone.
        """
        return (self.id, self.evidence) == (other.id, other.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the humans were told of a finding, and when last.

    `at` is None where a version wrote it that did not wait until it was told.
    """

    severity: Severity
    at: datetime | None


# One that is open for so long is told again: it was overlooked, or it got no better.
REMIND_AFTER: Final[Mapping[Severity, timedelta]] = {
    Severity.NOTICE: timedelta(days=7),
    Severity.WARNING: timedelta(days=7),
    Severity.CRITICAL: timedelta(days=1),
}


def is_to_be_told(finding: Finding, told: Told | None, *, at: datetime) -> bool:
    """Say whether the humans are to hear of it: first, when it gets worse, or again."""
    if not finding.wants_a_human:
        return False
    if told is None or told.at is None or told.severity < finding.severity:
        return True
    return at - told.at >= REMIND_AFTER[finding.severity]


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: (-one.severity, one.kind, one.subject))


def fingerprint(findings: Iterable[Finding], *, unseen: Iterable[str] = ()) -> str:
    """Return one hash of what was found and how it would be mended, in any order.

    Args:
        findings: the differences.
        unseen: what could not be looked at.
    """
    rows = sorted(
        [one.id, one.kind, one.subject, one.repair, sorted(one.evidence.items())]
        for one in findings
    )
    said = json.dumps([rows, sorted(unseen)], separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()
