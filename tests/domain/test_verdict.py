"""The one thing that an admin should know first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.findings import Finding, FindingKind, Severity
from domain.verdict import MAIL_PATIENCE, Signs, verdict_on

CRITICAL = Finding.of(FindingKind.LEDGER_DIFFERENCE, "a day")
WARNING = Finding.of(FindingKind.STUCK_PHASE, "one")
NOTICE = replace(WARNING, severity=Severity.NOTICE)

# From the worst down; each stands above all that follow.
RANKED: list[tuple[dict[str, Any], str]] = [
    ({"findings": [CRITICAL]}, "ledger_difference"),
    ({"overdue_money": 1}, "money_without_outcome"),
    ({"is_silent": True}, "webhooks_silent"),
    ({"dead_mails": 1}, "dead_mail"),
    ({"findings": [WARNING]}, "stuck_phase"),
    ({"mail_late": MAIL_PATIENCE + timedelta(seconds=1)}, "late_mail"),
    ({"is_late": True}, "webhooks_late"),
    ({"is_crowded": True}, "crowded_locks"),
]


@pytest.mark.parametrize("place", range(len(RANKED)))
def test_the_worst_is_named_with_its_next_step(place: int) -> None:
    shown = [signs for signs, _ in RANKED[place:]]
    findings = [found for signs in shown for found in signs.get("findings", ())]
    others = {name: value for signs in shown for name, value in signs.items()}

    verdict = verdict_on(Signs(**others | {"findings": findings}))

    assert verdict.worst == RANKED[place][1]
    assert verdict.next_step
    assert not verdict.is_well


def test_a_notice_is_no_trouble_and_neither_is_mail_on_its_way() -> None:
    fine = Signs(findings=[NOTICE], mail_late=MAIL_PATIENCE)

    assert verdict_on(fine).is_well
    assert verdict_on(Signs()).next_step is None
