from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.class_rep import HOLDERS_MAX, LimitBelowUse, SpotTally
from domain.money import ImpossibleAmount
from domain.program import InvalidTerms
from domain.program_changes import ProgramChanges, changed
from entrypoints.simulation.outside.clock import NOON
from tests.examples import a_program, usd

ONE_OF_EACH: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"title": "Opera"}, {"title": "Opera"}),
    ({"program_type": "talk"}, {"program_type": "talk"}),
    ({"time_zone": "Asia/Tokyo"}, {"time_zone": "Asia/Tokyo"}),
    ({"full_price": 20_000}, {"full_price": usd(20_000)}),
    ({"class_rep_discount": 0}, {"class_rep_discount": usd(0)}),
    ({"early_bird_discount": 1}, {"early_bird_discount": usd(1)}),
    ({"early_bird_deadline": NOON}, {"early_bird_deadline": NOON}),
    ({"class_rep_limit": 0}, {"class_rep_limit": 0}),
    (
        {"ends_early_bird": True, "early_bird_discount": 0},
        {"early_bird_deadline": None, "early_bird_discount": usd(0)},
    ),
    (
        {"full_price": 0, "class_rep_discount": 0, "early_bird_discount": 0},
        {
            "full_price": usd(0),
            "class_rep_discount": usd(0),
            "early_bird_discount": usd(0),
            "is_free": True,
        },
    ),
]


@pytest.mark.parametrize(("asked", "then"), ONE_OF_EACH)
def test_a_change_is_that_change_and_a_new_revision(
    asked: dict[str, Any], then: dict[str, Any]
) -> None:
    before = a_program(revision=4, class_rep_count=3)

    after = changed(before, ProgramChanges(**asked), drain=False)

    assert after == a_program(revision=5, class_rep_count=3, **then)


def test_what_would_not_differ_is_no_change() -> None:
    before = a_program(revision=4)

    assert changed(before, ProgramChanges(title=before.title), drain=False) is not None
    assert changed(before, ProgramChanges(title=before.title), drain=False) == before
    assert changed(before, ProgramChanges(), drain=True) == before


def test_a_program_that_was_free_may_cost_something() -> None:
    nothing = usd(0)
    free = a_program(
        full_price=nothing,
        class_rep_discount=nothing,
        early_bird_discount=nothing,
        is_free=True,
    )

    assert not changed(free, ProgramChanges(full_price=900), drain=False).terms.is_free


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"full_price": 100}, InvalidTerms),
        ({"ends_early_bird": True}, InvalidTerms),
        ({"title": "two\nlines"}, InvalidTerms),
        ({"class_rep_limit": HOLDERS_MAX + 1}, InvalidTerms),
        ({"full_price": 100_000_000}, ImpossibleAmount),
    ],
)
def test_terms_that_contradict_themselves_are_refused(
    asked: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        changed(a_program(), ProgramChanges(**asked), drain=True)


@given(
    before=st.integers(0, 6),
    taken=st.integers(0, 8),
    limit=st.integers(0, 6),
    drain=st.booleans(),
)
def test_a_limit_below_its_use_needs_a_drain_if_it_is_lower(
    before: int, taken: int, limit: int, *, drain: bool
) -> None:
    program = a_program(class_rep_limit=before, class_rep_count=taken)
    changes = ProgramChanges(class_rep_limit=limit)

    is_lower = limit != 0 and (before == 0 or limit < before)
    if is_lower and limit < taken and not drain:
        with pytest.raises(LimitBelowUse) as refusal:
            changed(program, changes, drain=drain)
        assert (refusal.value.limit, refusal.value.taken) == (limit, taken)
        return
    after = changed(program, changes, drain=drain)
    assert after.terms.class_rep_limit == limit
    assert after.class_rep_count == taken


def test_a_program_that_drains_may_drain_to_a_higher_limit_unasked() -> None:
    draining = a_program(class_rep_limit=3, class_rep_count=10)

    after = changed(draining, ProgramChanges(class_rep_limit=5), drain=False)

    assert after.terms.class_rep_limit == 5


def test_other_terms_of_a_program_that_drains_may_change() -> None:
    draining = a_program(class_rep_limit=2, class_rep_count=5)

    after = changed(
        draining, ProgramChanges(title="Opera", class_rep_limit=2), drain=False
    )

    assert after == replace(draining, title="Opera", revision=2)


@given(limit=st.integers(0, 9), taken=st.integers(0, 12), paid=st.integers(0, 12))
def test_a_tally_adds_up(limit: int, taken: int, paid: int) -> None:
    paid = min(paid, taken)
    tally = SpotTally(limit=limit, taken=taken, paid=paid)

    assert tally.held + tally.paid == taken
    if limit == 0:
        assert (tally.free, tally.over) == (None, 0)
    else:
        assert tally.free is not None
        assert taken + tally.free - tally.over == limit
        assert 0 in {tally.free, tally.over}


def test_a_deadline_may_move() -> None:
    later = NOON + timedelta(days=9)
    changes = ProgramChanges(early_bird_deadline=later)

    after = changed(a_program(), changes, drain=False)

    assert after.terms.early_bird_deadline == later
