from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cool_down import CoolDown, is_abandoned
from domain.purchase import ClosedReason, Purchase, Status
from entrypoints.simulation.outside.clock import NOON
from tests.examples import COOL_DOWN, OPEN, a_purchase, an_extra_payment

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)

moments = st.lists(
    st.integers(-7_300, 0).map(lambda s: NOON + timedelta(seconds=s)), max_size=8
)
rules = st.builds(
    CoolDown,
    after=st.integers(1, 5),
    within=st.integers(1, 7_200).map(lambda s: timedelta(seconds=s)),
)


@given(rule=rules, abandoned=moments)
def test_it_refuses_exactly_while_too_many_are_within_the_window(
    rule: CoolDown, abandoned: list[datetime]
) -> None:
    within = [when for when in abandoned if NOON - when < rule.within]

    wait = rule.wait(abandoned, at=NOON)

    assert (wait is not None) == (len(within) >= rule.after)


@given(rule=rules, abandoned=moments)
def test_the_wait_is_over_when_it_says_and_not_before(
    rule: CoolDown, abandoned: list[datetime]
) -> None:
    wait = rule.wait(abandoned, at=NOON)
    if wait is None:
        return

    assert timedelta(0) < wait <= rule.within
    assert rule.wait(abandoned, at=NOON + wait) is None
    assert rule.wait(abandoned, at=NOON + wait - timedelta(microseconds=1)) is not None


@given(rule=rules, abandoned=moments)
def test_the_newest_are_enough_and_their_order_does_not_matter(
    rule: CoolDown, abandoned: list[datetime]
) -> None:
    newest = sorted(abandoned, reverse=True)[: rule.after]

    assert rule.wait(newest, at=NOON) == rule.wait(abandoned, at=NOON)
    assert rule.wait(newest[::-1], at=NOON) == rule.wait(abandoned, at=NOON)


@given(rule=rules, abandoned=moments)
def test_who_waits_waits_less_from_moment_to_moment(
    rule: CoolDown, abandoned: list[datetime]
) -> None:
    waits = [
        rule.wait(abandoned, at=NOON + n * SECOND) or timedelta(0) for n in range(9)
    ]

    assert all(later <= earlier for earlier, later in pairwise(waits))


@given(abandoned=moments)
def test_nought_means_never(abandoned: list[datetime]) -> None:
    assert CoolDown(after=0, within=HOUR).wait(abandoned, at=NOON) is None


def test_the_third_within_an_hour_is_the_last() -> None:
    times = [NOON - 50 * 60 * SECOND, NOON - 20 * 60 * SECOND, NOON]

    assert COOL_DOWN.wait(times[:2], at=NOON) is None
    assert COOL_DOWN.wait(times, at=NOON) == 10 * 60 * SECOND


@pytest.mark.parametrize(("after", "within"), [(-1, HOUR), (3, timedelta(0))])
def test_a_rule_that_makes_no_sense_is_a_bug(after: int, within: timedelta) -> None:
    with pytest.raises(ValueError, match="cool-down"):
        CoolDown(after=after, within=within)


def closed(reason: ClosedReason, *, as_class_rep: bool = True) -> Purchase:
    return a_purchase(
        Status.CLOSED, as_class_rep=as_class_rep, closed_reason=reason, session=OPEN
    )


@pytest.mark.parametrize("reason", list(ClosedReason))
def test_what_is_cancelled_or_expired_was_abandoned(reason: ClosedReason) -> None:
    counts = reason in {ClosedReason.CANCELLED, ClosedReason.EXPIRED}

    assert is_abandoned(closed(reason)) is counts
    assert not is_abandoned(closed(reason, as_class_rep=False))
    assert not is_abandoned(replace(closed(reason), session=None))


@pytest.mark.parametrize("status", list(Status))
def test_what_is_open_or_paid_was_not_abandoned(status: Status) -> None:
    purchase = a_purchase(status, as_class_rep=True, session=OPEN)
    late = a_purchase(
        Status.CLOSED,
        as_class_rep=True,
        session=OPEN,
        extra_payments=(an_extra_payment(),),
    )

    assert is_abandoned(purchase) is (status is Status.CLOSED)
    assert not is_abandoned(late)
