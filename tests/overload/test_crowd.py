"""Five times as many as can be served: as many are served as before, and in time."""

from functools import cache
from typing import Final

import pytest

from entrypoints.http.gate import Rank
from tests.fakes.virtual_time import run_in_virtual_time
from tests.overload.crowd import Answers, Crowd, capacity

TIMES: Final = (1, 2, 5)


@cache
def came(times: float, *, has_door: bool = True) -> Answers:
    async def scene() -> Answers:
        crowd = Crowd(per_second=times * capacity(), has_door=has_door)
        return await crowd.come()

    return run_in_virtual_time(scene())


@pytest.mark.parametrize("times", TIMES[1:])
def test_the_good_answers_stay_as_many_whoever_comes(times: float) -> None:
    assert came(times).worth() >= 0.8 * came(1).worth()


@pytest.mark.parametrize("times", TIMES)
def test_webhooks_get_in_whoever_else_comes(times: float) -> None:
    assert came(times).share(Rank.WEBHOOK) >= 0.99


def test_who_is_sent_away_hears_it_at_once() -> None:
    assert came(5).refused_within < 0.2


def test_looks_are_sent_away_before_money() -> None:
    assert came(2).share(Rank.MONEY) > came(2).share(Rank.LOOK)


def test_without_the_door_hardly_anybody_is_answered_in_time() -> None:
    """The control: the same crowd, and nothing else changed."""
    assert came(5, has_door=False).worth() < 0.3 * came(1).worth()
    assert came(5, has_door=False).share(Rank.WEBHOOK) < 0.5
