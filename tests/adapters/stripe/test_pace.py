"""How fast Stripe is asked, by a clock that only a test moves."""

from functools import partial
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.stripe.pace import Pace, Turn

PER_SECOND: Final = 20
BURST: Final = 4
PATIENCE: Final = 5


class Clock:
    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


def arrived(pace: Pace, number: int, *, is_job: bool = False) -> list[Turn]:
    turns = [pace.arrive(is_job=is_job) for _ in range(number)]
    return [turn for turn in turns if turn is not None]


def gone(turns: list[Turn]) -> int:
    return sum(turn.has_come for turn in turns)


def passed(pace: Pace, clock: Clock, seconds: float) -> None:
    """Let time go by, and each turn come when it is due."""
    until = clock.at + seconds
    while (wait := pace.call_due()) is not None and clock.at + wait <= until:
        clock.at += wait + 1e-9  # a timer is never early
    clock.at = max(clock.at, until)
    pace.call_due()


def test_after_a_while_some_go_at_once_and_the_others_one_by_one() -> None:
    pace = Pace(PER_SECOND, now=(clock := Clock()))
    turns = arrived(pace, 30)
    assert gone(turns) == BURST

    passed(pace, clock, 1.0)

    assert gone(turns) == BURST + PER_SECOND
    assert [turn.has_come for turn in turns] == sorted(
        (turn.has_come for turn in turns), reverse=True
    )


def test_who_would_wait_too_long_is_refused_at_once() -> None:
    pace = Pace(PER_SECOND, now=Clock())

    turns = arrived(pace, 1_000)

    assert len(turns) == pytest.approx(BURST + PATIENCE * PER_SECOND, abs=1)


def test_buyers_go_before_jobs_and_jobs_go_all_the_same() -> None:
    pace = Pace(PER_SECOND, now=(clock := Clock()))
    jobs = arrived(pace, 20, is_job=True)
    waiting = [job for job in jobs if not job.has_come]
    order: list[str] = []
    for job in waiting:
        job.call = partial(order.append, "job")
    for turn in arrived(pace, 18):
        turn.call = partial(order.append, "buyer")

    passed(pace, clock, 60)

    first = ["buyer"] * 9 + ["job"] + ["buyer"] * 9
    assert order == first + ["job"] * (len(waiting) - 1)


def test_who_gives_up_is_not_called() -> None:
    pace = Pace(PER_SECOND, now=(clock := Clock()))
    turns = arrived(pace, BURST + 2)
    leaver, other = turns[-2:]

    pace.leave(leaver)
    passed(pace, clock, 0.06)

    assert (leaver.has_come, other.has_come) == (False, True)
    assert pace.call_due() is None


def test_a_refusal_stops_all_and_halves_the_pace() -> None:
    pace = Pace(PER_SECOND, now=(clock := Clock()))
    turns = arrived(pace, 30)

    pace.slow_down(pause=2)
    passed(pace, clock, 1.9)
    assert gone(turns) == BURST
    passed(pace, clock, 0.15)
    assert gone(turns) == BURST + 1

    passed(pace, clock, 1)
    assert BURST + 10 <= gone(turns) <= BURST + 13


def test_those_that_were_under_way_halve_it_once() -> None:
    pace = Pace(PER_SECOND, now=Clock())

    for _ in range(20):
        pace.slow_down(pause=1)

    assert pace.per_second == PER_SECOND / 2


def test_refused_again_and_again_it_goes_on_slowly() -> None:
    pace = Pace(PER_SECOND, now=(clock := Clock()))
    for _ in range(50):
        pace.slow_down(pause=1)
        clock.at += 1.01

    assert 1 <= pace.per_second < 2.5


def test_the_pace_grows_back() -> None:
    pace = Pace(PER_SECOND, now=(clock := Clock()))
    pace.slow_down(pause=1)

    clock.at += 6
    assert pace.per_second == pytest.approx(15)
    clock.at += 20
    assert pace.per_second == PER_SECOND


def moved(
    pace: Pace, clock: Clock, what: str, number: float, went: list[float]
) -> None:
    """Make one move, and note when turns come."""
    if what == "time":
        passed(pace, clock, number)
    elif what == "refused":
        pace.slow_down(pause=number)
    else:
        for turn in arrived(pace, int(number), is_job=what == "job"):
            went.extend([clock.at] * turn.has_come)
            turn.call = lambda: went.append(clock.at)


MOVES: Final = st.lists(
    st.one_of(
        st.tuples(st.just("buyer"), st.integers(1, 40)),
        st.tuples(st.just("job"), st.integers(1, 40)),
        st.tuples(st.just("time"), st.floats(0.01, 3)),
        st.tuples(st.just("refused"), st.floats(0.1, 3)),
    ),
    max_size=30,
)


@given(MOVES)
def test_in_no_second_go_more_than_the_pace_and_a_fifth(
    moves: list[tuple[str, float]],
) -> None:
    clock = Clock()
    pace = Pace(PER_SECOND, now=clock)
    went: list[float] = []
    for what, number in moves:
        moved(pace, clock, what, number, went)
        longest = PATIENCE * PER_SECOND + 1
        assert pace.waiting(is_job=False) <= longest
        assert pace.waiting(is_job=True) <= longest
    for at in went:
        assert sum(at <= each < at + 1 for each in went) <= PER_SECOND + BURST + 1
    passed(pace, clock, 1_000)
    assert pace.call_due() is None
