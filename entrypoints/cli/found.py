"""Findings and repairs, on a terminal and for scripts."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from application.reconcile import Repaired
from domain.findings import Finding
from entrypoints.cli.tables import table_of


def findings_table(findings: Sequence[Finding]) -> Table:
    table = table_of("severity", "difference", "of", "facts", "repair", "next step")
    for finding in findings:
        table.add_row(
            finding.severity.name.lower(),
            finding.kind.replace("_", " "),
            escape(finding.subject),
            escape(_in_words(finding.evidence)),
            finding.repair.replace("_", " "),
            finding.next_step,
        )
    return table


def _in_words(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{n} {v}" for n, v in facts.items() if v is not None)


def finding_row(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "kind": finding.kind.value,
        "severity": finding.severity.name.lower(),
        "subject": finding.subject,
        "evidence": dict(finding.evidence),
        "repair": finding.repair.value,
        "automatic": finding.is_automatic,
        "nextStep": finding.next_step,
    }


def repairs_table(done: Sequence[Repaired]) -> Table:
    table = table_of("difference", "of", "outcome", "next step")
    for each in done:
        outcome = each.outcome.replace("_", " ")
        table.add_row(
            each.finding.kind.replace("_", " "),
            escape(each.finding.subject),
            f"{outcome}: {escape(each.why)}" if each.why else outcome,
            "" if each.is_over else each.finding.next_step,
        )
    return table


def repair_row(each: Repaired) -> dict[str, Any]:
    return {
        "id": each.finding.id,
        "kind": each.finding.kind.value,
        "subject": each.finding.subject,
        "outcome": each.outcome.value,
        "why": each.why,
    }
