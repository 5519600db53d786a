"""Is all well?  If not, what is worst, and what to do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.findings import Finding, Severity

MAIL_PATIENCE: Final = timedelta(minutes=15)  # overdue for longer, mail is late


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`worst` is a stable word, the kind of a finding where it is one."""

    worst: str | None = None
    next_step: str | None = None

    @property
    def is_well(self) -> bool:
        return self.worst is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a verdict rests on.

    `findings` with the worst first; `overdue_money` is money without an outcome for
    longer than we promise; `mail_late` is how long the oldest mail is overdue.
    Webhooks are silent when none has come since one that is missing, late when they
    come long after they were made.
    """

    findings: Sequence[Finding] = ()
    overdue_money: int = 0
    is_silent: bool = False
    dead_mails: int = 0
    mail_late: timedelta = timedelta()
    is_late: bool = False
    is_crowded: bool = False


def verdict_on(signs: Signs) -> Verdict:
    """Name the worst: money, then what buyers wait for, then what is only slow.

    A notice is no trouble: it is right again by itself, or nobody loses anything.
    """
    return next(_troubles(signs), Verdict())


def _troubles(signs: Signs) -> Iterator[Verdict]:
    yield from _of(signs.findings, Severity.CRITICAL)
    if signs.overdue_money:
        yield Verdict(
            worst="money_without_outcome",
            next_step="Run `spothold reconcile`: it names each purchase and what stands"
            " in the way.",
        )
    if signs.is_silent:
        yield Verdict(
            worst="webhooks_silent",
            next_step="Run `spothold doctor`, and see in Stripe's dashboard what our"
            " endpoint was answered.",
        )
    if signs.dead_mails:
        yield Verdict(
            worst="dead_mail",
            next_step="Mend the mail server; then send the mails that were given up"
            " again.",
        )
    yield from _of(signs.findings, Severity.WARNING)
    yield from _slow(signs)


def _slow(signs: Signs) -> Iterator[Verdict]:
    if signs.mail_late > MAIL_PATIENCE:
        yield Verdict(
            worst="late_mail",
            next_step="See whether the mail server answers and the service is ready.",
        )
    if signs.is_late:
        yield Verdict(
            worst="webhooks_late",
            next_step="See in Stripe's dashboard whether deliveries to our endpoint"
            " failed before.",
        )
    if signs.is_crowded:
        yield Verdict(
            worst="crowded_locks",
            next_step="See which keys are held, and for how long.",
        )


def _of(findings: Sequence[Finding], severity: Severity) -> Iterator[Verdict]:
    for finding in findings:
        if finding.severity is severity:
            yield Verdict(worst=finding.kind.value, next_step=finding.next_step)
