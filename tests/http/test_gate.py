"""Who comes in, who waits and who goes, in any order in which they may come and go."""

from collections.abc import Callable
from functools import partial
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.http.gate import Gate, Place, Rank, Room, rooms_of

WEBHOOK, MONEY, LOOK = Rank.WEBHOOK, Rank.MONEY, Rank.LOOK
AT_WORK: Final = 8
WAITING: Final = 3
URGENCY: Final = {WEBHOOK: 0, MONEY: 1, LOOK: 2}
ROOMS: Final = rooms_of(AT_WORK, waiting=WAITING)


class Clock:
    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


def gate_of(clock: Callable[[], float], *, waiting: int = WAITING) -> Gate:
    return Gate(AT_WORK, rooms_of(AT_WORK, waiting=waiting), now=clock)


def arrived(gate: Gate, rank: Rank, number: int) -> list[Place]:
    places = [gate.arrive(rank) for _ in range(number)]
    return [place for place in places if place is not None]


def at_work(places: list[Place]) -> int:
    return sum(place.is_at_work for place in places)


@pytest.mark.parametrize(("rank", "room"), [(WEBHOOK, 8), (MONEY, 6), (LOOK, 7)])
def test_each_rank_has_its_share_of_the_places(rank: Rank, room: int) -> None:
    places = arrived(gate_of(Clock()), rank, 20)

    assert at_work(places) == room
    assert len(places) == room + WAITING


def test_webhooks_have_a_place_that_nobody_else_takes() -> None:
    gate = gate_of(Clock())
    others = arrived(gate, MONEY, 20) + arrived(gate, LOOK, 20)
    assert at_work(others) == AT_WORK - 1

    [webhook] = arrived(gate, WEBHOOK, 1)

    assert webhook.is_at_work


def test_looks_go_on_while_money_waits_for_stripe() -> None:
    gate = gate_of(Clock())
    arrived(gate, MONEY, 20)

    [look] = arrived(gate, LOOK, 1)

    assert look.is_at_work


def test_who_waits_gives_way_to_who_is_more_urgent() -> None:
    gate = gate_of(Clock())
    begun = arrived(gate, WEBHOOK, AT_WORK)
    [look], [money] = arrived(gate, LOOK, 1), arrived(gate, MONEY, 1)
    [webhook] = arrived(gate, WEBHOOK, 1)
    came: list[str] = []
    for place in (look, money, webhook):
        place.call = partial(came.append, place.rank)

    for place in begun:
        gate.leave(place)

    assert came == ["webhook", "money", "look"]


def test_of_one_rank_who_came_first_is_first() -> None:
    gate = gate_of(Clock())
    places = arrived(gate, MONEY, 9)
    first, second = places[6:8]

    gate.leave(places[0])

    assert first.is_at_work
    assert not second.is_at_work


def test_who_leaves_the_line_is_not_called() -> None:
    gate = gate_of(Clock())
    places = arrived(gate, MONEY, 8)
    first, second = places[6:]

    gate.leave(first)
    gate.leave(places[0])

    assert not first.is_at_work
    assert second.is_at_work
    assert gate.waiting(MONEY) == 0


def busy(clock: Clock, rank: Rank, *, seconds: float) -> Gate:
    """Return a gate at which all places of a rank have taken so long, many times."""
    gate = gate_of(clock, waiting=1_000)
    for _ in range(100):
        places = arrived(gate, rank, ROOMS[rank].at_work)
        clock.at += seconds
        for place in places:
            gate.leave(place)
    arrived(gate, rank, ROOMS[rank].at_work)
    return gate


def test_who_would_wait_too_long_goes_at_once() -> None:
    """Six places of three seconds each: eight may wait, or it would be four seconds."""
    gate = busy(Clock(), MONEY, seconds=3)

    places = arrived(gate, MONEY, 100)

    assert len(places) == 8 + 1  # the ninth sees four seconds before it, not more
    assert gate.is_shut(MONEY)


def test_quick_work_makes_a_long_line() -> None:
    gate = busy(Clock(), MONEY, seconds=0.01)

    assert len(arrived(gate, MONEY, 900)) == 900


def test_who_cannot_come_in_before_makes_nobody_wait() -> None:
    """Money that waits for Stripe, and not for a place that a look could have."""
    clock = Clock()
    gate = busy(clock, MONEY, seconds=3)
    arrived(gate, MONEY, 100)
    arrived(gate, LOOK, 1)
    assert gate.at_work(LOOK) == 1

    assert not gate.is_shut(LOOK)


COMING: Final = st.sampled_from(Rank)
GOING: Final = st.integers(0, 50)


@given(st.lists(st.one_of(COMING, GOING), max_size=120))
def test_whatever_comes_and_goes_all_is_within_bounds(moves: list[Rank | int]) -> None:
    clock = Clock()
    gate, here = gate_of(clock), list[Place]()
    for move in moves:
        clock.at += 0.1
        if isinstance(move, Rank):
            here += arrived(gate, move, 1)
        elif here:
            gate.leave(here.pop(move % len(here)))
        check(gate, here)
    for place in here:
        gate.leave(place)
    assert not any(gate.at_work(rank) or gate.waiting(rank) for rank in Rank)


def check(gate: Gate, here: list[Place]) -> None:
    """What holds at each moment."""
    begun = [place for place in here if place.is_at_work]
    assert len(begun) <= AT_WORK
    for rank, room in ROOMS.items():
        mine = [place for place in here if place.rank is rank]
        waiting = [place for place in mine if not place.is_at_work]
        assert gate.waiting(rank) == len(waiting) <= WAITING
        assert gate.at_work(rank) == at_work(mine) <= room.at_work
        assert not (waiting and has_room(begun, rank, room)), "a place stands empty"
        assert waiting == mine[len(mine) - len(waiting) :], "the last came in first"


def has_room(begun: list[Place], rank: Rank, room: Room) -> bool:
    """Say by hand whether one more could come in."""
    mine = sum(place.rank is rank for place in begun)
    return len(begun) + room.spare < AT_WORK and mine < room.at_work


@given(st.lists(COMING, min_size=30, max_size=60))
def test_no_less_urgent_one_is_called_before_a_more_urgent_one(
    ranks: list[Rank],
) -> None:
    gate = gate_of(Clock())
    begun = arrived(gate, WEBHOOK, AT_WORK)
    called: list[Rank] = []
    for rank in ranks:
        for place in arrived(gate, rank, 1):
            place.call = partial(called.append, rank)
    for place in begun[:4]:  # few enough that no rank meets its own bound
        gate.leave(place)

    assert called == sorted(called, key=URGENCY.__getitem__)
