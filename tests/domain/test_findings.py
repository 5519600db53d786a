import pytest

from domain.findings import (
    POLICY,
    Finding,
    FindingKind,
    Repair,
    Severity,
    fingerprint,
    worst_first,
)

LEAK = Finding.of(FindingKind.LEAKED_SPOT, "choir/p-1", purchase_id="p-1")
STUCK = Finding.of(FindingKind.STUCK_PHASE, "p-1", status="closing")
DRIFT = Finding.of(FindingKind.COUNTER_DRIFT, "choir", counter=3, spots=2)

# Written out again on purpose: what nobody but a human may mend, and what is never
# mended at all.
FOR_A_HUMAN = {
    "counter_drift",
    "dead_mail",
    "dispute_open",
    "ledger_difference",
    "missing_spot",
    "refund_failed",
    "stray_session",
    "stray_spot",
    "unproven_payment",
    "unreadable",
}
MENDED_WHEN_ASKED = {"stray_session", "stray_spot"}


def test_policy_knows_every_kind_and_says_what_to_do() -> None:
    assert POLICY.keys() == set(FindingKind)
    assert all(policy.next_step.endswith(".") for policy in POLICY.values())


def test_what_reconcile_mends_by_itself_has_a_repair() -> None:
    by_a_human = {kind for kind, policy in POLICY.items() if not policy.is_automatic}
    unmendable = {k for k, policy in POLICY.items() if policy.repair is Repair.NONE}

    assert by_a_human == FOR_A_HUMAN
    assert unmendable == FOR_A_HUMAN - MENDED_WHEN_ASKED


def test_a_counter_is_never_recounted() -> None:
    """Hazard 80: between the count and the write somebody buys."""
    assert DRIFT.repair is Repair.NONE
    assert DRIFT.severity is Severity.CRITICAL
    assert "by hand" in DRIFT.next_step


def test_a_finding_is_named_by_its_kind_and_subject_alone() -> None:
    again = Finding.of(FindingKind.STUCK_PHASE, "p-1", status="creating").overdue()
    other = Finding.of(FindingKind.STUCK_PHASE, "p-2", status="closing")
    of_another_kind = Finding.of(FindingKind.STUCK_REFUND, "p-1")

    assert STUCK.id == again.id
    assert len({STUCK.id, other.id, of_another_kind.id}) == 3


def test_it_is_still_the_same_while_its_facts_are_however_bad_it_got() -> None:
    assert STUCK.is_still(STUCK.overdue())
    assert not STUCK.is_still(Finding.of(FindingKind.STUCK_PHASE, "p-1", status="x"))
    assert not STUCK.is_still(LEAK)


@pytest.mark.parametrize(
    ("finding", "wants_a_human"),
    [(LEAK, False), (STUCK, False), (STUCK.overdue(), True), (DRIFT, True)],
)
def test_a_human_is_told_of_what_is_not_mended_or_long_overdue(
    finding: Finding, *, wants_a_human: bool
) -> None:
    assert finding.wants_a_human is wants_a_human
    assert finding.overdue(is_overdue=False) == finding


def test_the_worst_comes_first() -> None:
    assert worst_first([LEAK, STUCK, DRIFT]) == [DRIFT, STUCK, LEAK]


def test_a_plan_is_named_by_what_it_says_in_any_order() -> None:
    assert fingerprint([LEAK, STUCK]) == fingerprint([STUCK.overdue(), LEAK])


@pytest.mark.parametrize(
    "other",
    [
        [LEAK],
        [LEAK, STUCK, DRIFT],
        [LEAK, Finding.of(FindingKind.STUCK_PHASE, "p-1", status="creating")],
        [LEAK, Finding.of(FindingKind.STUCK_PHASE, "p-2", status="closing")],
    ],
)
def test_another_finding_or_fact_makes_another_plan(other: list[Finding]) -> None:
    assert fingerprint(other) != fingerprint([LEAK, STUCK])


def test_a_plan_that_saw_less_is_another_plan() -> None:
    assert fingerprint([LEAK], unseen=["sessions"]) != fingerprint([LEAK])
