from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.class_rep import (
    ClassRepSpots,
    LimitBelowUse,
    SpotsExhausted,
    check_limit,
    effective_limit,
)
from domain.ids import PurchaseId

ADAS = PurchaseId("ada's")
GRACES = PurchaseId("grace's")
NAMES = st.sampled_from([PurchaseId(f"p-{n}") for n in range(8)])
STEPS = st.lists(st.tuples(st.sampled_from(["reserve", "release"]), NAMES))


@pytest.mark.parametrize(("limit", "effective"), [(0, 50_000), (1, 1), (10, 10)])
def test_no_limit_is_the_highest_limit(limit: int, effective: int) -> None:
    assert effective_limit(limit) == effective


@pytest.mark.parametrize("limit", [-1, 50_001])
def test_a_limit_is_within_bounds(limit: int) -> None:
    with pytest.raises(ValueError, match="no limit"):
        ClassRepSpots(limit=limit)


def test_the_spot_after_the_last_is_refused_in_the_seeds_words() -> None:
    full = ClassRepSpots(limit=1).reserve(ADAS)

    with pytest.raises(SpotsExhausted) as refusal:
        full.reserve(GRACES)

    assert refusal.value.limit == 1
    assert str(refusal.value) == (
        "Class Representative limit has been reached for this program."
    )
    assert full.reserve(ADAS) == full


@given(st.integers(0, 4), STEPS)
def test_a_purchase_holds_one_spot_or_none_and_no_more_than_the_limit_are_held(
    limit: int, steps: Sequence[tuple[str, PurchaseId]]
) -> None:
    spots = ClassRepSpots(limit=limit)
    held: set[PurchaseId] = set()
    for step, purchase in steps:
        if step == "release":
            spots = spots.release(purchase)
            held.discard(purchase)
        elif purchase in held or limit == 0 or len(held) < limit:
            spots = spots.reserve(purchase)
            held.add(purchase)
        else:
            with pytest.raises(SpotsExhausted):
                spots.reserve(purchase)

        assert spots.holders == held
        assert spots.taken == len(held)
        assert limit == 0 or spots.taken <= limit


def holding(count: int, *, limit: int) -> ClassRepSpots:
    holders = frozenset(PurchaseId(f"p-{n}") for n in range(count))
    return ClassRepSpots(limit=limit, holders=holders)


@pytest.mark.parametrize(
    ("limit", "taken", "left", "is_full"),
    [
        (3, 0, 3, False),
        (3, 2, 1, False),
        (3, 3, 0, True),
        (3, 5, 0, True),
        (0, 49_999, None, False),
        (0, 50_000, None, True),
    ],
)
def test_spots_are_full_when_the_limit_is_taken(
    limit: int, taken: int, left: int | None, *, is_full: bool
) -> None:
    spots = holding(taken, limit=limit)

    assert (spots.left, spots.is_full) == (left, is_full)


@pytest.mark.parametrize(("taken", "after"), [(5, 4), (5, 1), (50_000, 49_999)])
def test_a_limit_below_its_use_needs_a_drain(taken: int, after: int) -> None:
    check_limit(after, taken=taken, drain=True)
    with pytest.raises(LimitBelowUse, match=f"{taken} .* more than {after}") as refusal:
        check_limit(after, taken=taken, drain=False)

    assert (refusal.value.limit, refusal.value.taken) == (after, taken)


@pytest.mark.parametrize(("taken", "after"), [(5, 5), (5, 20), (10, 0), (0, 1)])
def test_a_limit_at_or_above_its_use_needs_none(taken: int, after: int) -> None:
    check_limit(after, taken=taken, drain=False)


def test_a_draining_program_reserves_again_once_it_is_below_its_limit() -> None:
    spots = holding(3, limit=2)

    for leaver in ("p-0", "p-1"):
        with pytest.raises(SpotsExhausted):
            spots.reserve(ADAS)
        spots = spots.release(PurchaseId(leaver))

    assert spots.reserve(ADAS).taken == 2
