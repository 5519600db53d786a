"""What an admin may change about a program, and what stays as it was sold."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from domain.class_rep import check_limit, is_lower
from domain.money import Money
from domain.program import Program, TermsOfSale

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramChanges:
    """New values; what is None stays.  Amounts are in minor units of its currency.

    The currency is not among them: a program sells in one for good, so that what it
    took in adds up (docs/adr/0022).  `ends_early_bird` takes the deadline away.
    """

    title: str | None = None
    program_type: str | None = None
    time_zone: str | None = None
    full_price: int | None = None
    class_rep_discount: int | None = None
    early_bird_discount: int | None = None
    early_bird_deadline: datetime | None = None
    ends_early_bird: bool = False
    class_rep_limit: int | None = None


def changed(program: Program, changes: ProgramChanges, *, drain: bool) -> Program:
    """Return the program with these changes, or the same one if nothing differs.

    Whoever has begun to pay pays what was quoted (invariant I15), and nobody who holds
    a spot loses it.

    Args:
        program: as it was read.
        changes: what is to be different.
        drain: accept a limit below the spots taken, and let them run down.

    Raises:
        ImpossibleAmount: an amount that its currency cannot have.
        InvalidTerms: the terms would contradict themselves.
        LimitBelowUse: more spots are taken than the new, lower limit, and no drain was
            asked.
    """
    terms = _terms(program.terms, changes)
    if is_lower(terms.class_rep_limit, than=program.terms.class_rep_limit):
        check_limit(terms.class_rep_limit, taken=program.class_rep_count, drain=drain)
    after = replace(
        program,
        title=_or(changes.title, program.title),
        program_type=_or(changes.program_type, program.program_type),
        time_zone=_or(changes.time_zone, program.time_zone),
        terms=terms,
    )
    return revised(program, after)


def revised(before: Program, after: Program) -> Program:
    """Count a change, if it is one."""
    return after if after == before else replace(after, revision=before.revision + 1)


def _terms(terms: TermsOfSale, changes: ProgramChanges) -> TermsOfSale:
    code = terms.full_price.currency.code
    price = _or(changes.full_price, terms.full_price.amount)
    rep = _or(changes.class_rep_discount, terms.class_rep_discount.amount)
    early = _or(changes.early_bird_discount, terms.early_bird_discount.amount)
    deadline = changes.early_bird_deadline or terms.early_bird_deadline
    return TermsOfSale(
        full_price=Money.of(price, code),
        class_rep_discount=Money.of(rep, code),
        early_bird_discount=Money.of(early, code),
        early_bird_deadline=None if changes.ends_early_bird else deadline,
        is_free=price == 0,
        class_rep_limit=_or(changes.class_rep_limit, terms.class_rep_limit),
    )


def _or(new: T | None, old: T) -> T:
    return old if new is None else new
