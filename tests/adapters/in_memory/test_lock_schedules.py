from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.in_memory.locks import InMemoryKeyedLock
from application.ports.locks import KeyedLock
from tests.adapters.in_memory.lock_schedules import (
    Moment,
    Visitor,
    act_out,
    objections,
    random_schedule,
)
from tests.fakes.locks import LyingLock, NoLock, PredecessorLock

SCHEDULES = 2_000
CONTROL_SCHEDULES = 50


def moments(last_tick: int) -> st.SearchStrategy[Moment]:
    return st.builds(
        Moment,
        tick=st.integers(min_value=0, max_value=last_tick),
        turn=st.integers(min_value=0, max_value=3),
    )


visitors = st.builds(
    Visitor,
    key=st.sampled_from("ab"),
    arrives=moments(3),
    patience=st.integers(min_value=0, max_value=6),
    stays=moments(2),
    called_away=st.none() | moments(5),
    fails=st.booleans(),
)


def assert_honest(schedule: list[Visitor]) -> None:
    locks = InMemoryKeyedLock()
    record = act_out(schedule, locks)

    assert objections(record) == []
    assert (locks._state.holders, locks._state.lines) == ({}, {})
    statistics = locks.statistics()
    outcomes = Counter(visit.outcome for visit in record.asked)
    assert statistics.acquired == len(record.entered)
    assert statistics.timed_out == outcomes["timed out"]
    assert statistics.contended >= statistics.timed_out


@given(st.lists(visitors, min_size=2, max_size=6))
@settings(max_examples=500, deadline=None)
def test_no_schedule_makes_the_lock_misbehave(schedule: list[Visitor]) -> None:
    assert_honest(schedule)


def test_no_crowd_makes_the_lock_misbehave() -> None:
    for seed in range(SCHEDULES):
        try:
            assert_honest(random_schedule(Random(seed)))
        except AssertionError as failure:
            failure.add_note(f"random_schedule(Random({seed}))")
            raise


@pytest.mark.parametrize(
    "locks",
    [
        NoLock(),
        LyingLock(InMemoryKeyedLock(), random=Random(1)),
        PredecessorLock(),
    ],
    ids=lambda locks: type(locks).__name__,
)
def test_the_same_schedules_find_out_a_lock_that_excludes_nobody(
    locks: KeyedLock,
) -> None:
    found = [
        objection
        for seed in range(CONTROL_SCHEDULES)
        for objection in objections(act_out(random_schedule(Random(seed)), locks))
    ]

    assert any(objection.startswith("two at once") for objection in found)
