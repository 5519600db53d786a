"""A program in the words of the audit log."""

from collections.abc import Mapping

from application.ports.audit import Fact
from domain.program import Program

Facts = Mapping[str, Fact]


def facts_of(program: Program) -> Facts:
    """Return what an admin decides about a program, under the names of the API."""
    terms = program.terms
    deadline = terms.early_bird_deadline
    return {
        "title": program.title,
        "programType": program.program_type,
        "timeZone": program.time_zone,
        "fullPrice": terms.full_price.amount,
        "currency": terms.full_price.currency.code,
        "classRepLimit": terms.class_rep_limit,
        "classRepDiscount": terms.class_rep_discount.amount,
        "earlyBirdDiscount": terms.early_bird_discount.amount,
        "earlyBirdDeadline": None if deadline is None else deadline.isoformat(),
        "active": program.is_active,
        "salesPaused": program.is_paused,
    }


def what_differs(before: Program, after: Program) -> tuple[Facts, Facts]:
    """Return the facts that are not the same, as they were and as they will be."""
    old, new = facts_of(before), facts_of(after)
    names = [name for name in old if old[name] != new[name]]
    return {name: old[name] for name in names}, {name: new[name] for name in names}
