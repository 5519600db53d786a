from datetime import timedelta

import pytest

from application.ports.locks import (
    CHECKOUT_WAIT,
    DEFAULT_WAIT,
    STEPS,
    WEBHOOK_WAIT,
    KeyedLock,
    Spread,
    checkout_key,
    session_key,
)


def test_keys_name_what_must_not_run_twice_at_once() -> None:
    assert checkout_key("ada", "choir") == "purchase:create:ada:choir"
    assert session_key("cs_1") == "webhook:session:cs_1"


def test_a_buyer_waits_longer_than_a_bystander_and_a_webhook_longest() -> None:
    assert [wait.total_seconds() for wait in (DEFAULT_WAIT, CHECKOUT_WAIT)] == [5, 10]
    assert WEBHOOK_WAIT.total_seconds() == 15


def test_a_lock_can_be_held_and_asked_and_nothing_else() -> None:
    names = {name for name in vars(KeyedLock) if not name.startswith("_")}

    assert names == {"hold", "statistics"}


@pytest.mark.parametrize(
    ("seconds", "mean", "p95", "longest"),
    [
        ([], 0, 0, 0),
        ([4], 4, 4, 4),
        ([3, 1], 2, 3, 3),
        (range(20, 0, -1), 10.5, 19, 20),
        (range(1, 22), 11, 20, 21),
        (range(1, 101), 50.5, 95, 100),
    ],
)
def test_a_spread_has_a_middle_an_edge_and_an_end(
    seconds: list[float], mean: float, p95: float, longest: float
) -> None:
    spread = Spread.of(seconds)
    assert (spread.mean, spread.p95, spread.max) == (
        timedelta(seconds=mean),
        timedelta(seconds=p95),
        timedelta(seconds=longest),
    )


def test_times_are_sorted_into_steps_whose_ends_are_theirs() -> None:
    ends = [step.total_seconds() for step in STEPS]
    beyond = [end + 0.0001 for end in ends]
    assert Spread.of(ends).counts == (*(1 for _ in STEPS), 0)
    assert Spread.of(beyond).counts == (0, *(1 for _ in STEPS))
    assert Spread.of([0, 0.3, 0.3, 99]).counts == (1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1)
    assert sum(Spread().counts) == 0
