from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.money import Money
from domain.program import InvalidTerms
from entrypoints.simulation.outside.clock import NOON
from tests.examples import a_program, terms_of_sale, usd

NAIVE = datetime(2026, 3, 3, 12)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("fullPrice", {"full_price": usd(0)}),
        ("fullPrice", {"is_free": True}),
        ("classRepDiscount", {"class_rep_discount": usd(10_001)}),
        ("classRepDiscount", {"class_rep_discount": Money.of(1, "eur")}),
        ("earlyBirdDiscount", {"early_bird_discount": usd(10_001)}),
        ("earlyBirdDiscount", {"early_bird_discount": Money.of(1, "eur")}),
        ("earlyBirdDeadline", {"early_bird_deadline": None}),
        ("earlyBirdDeadline", {"early_bird_deadline": NAIVE}),
        ("classRepLimit", {"class_rep_limit": -1}),
        ("classRepLimit", {"class_rep_limit": 50_001}),
        ("id", {"id": ""}),
        ("id", {"id": "x" * 65}),
        ("id", {"id": "choir/alto"}),
        ("id", {"id": "choir\n"}),
        ("id", {"id": "chœur"}),
        ("title", {"title": ""}),
        ("title", {"title": "   "}),
        ("title", {"title": "x" * 201}),
        ("title", {"title": "Choir\r\nBcc: eve@example.org"}),
        ("programType", {"program_type": ""}),
        ("programType", {"program_type": "x" * 101}),
        ("programType", {"program_type": "course\x00"}),
    ],
)
def test_terms_that_contradict_themselves_are_refused(
    field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        a_program(**changes)

    assert refusal.value.field == field
    assert str(refusal.value).startswith(f"{field}: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"class_rep_discount": usd(10_000)},
        {"early_bird_discount": usd(10_000)},
        {"early_bird_discount": usd(0), "early_bird_deadline": None},
        {"class_rep_limit": 0},
        {"class_rep_limit": 50_000},
        {"id": "Choir_2026-b"},
        {"id": "x" * 64},
        {"title": "x" * 200},
        {"program_type": "x" * 100},
        {"title": "Chœur de l'été — 合唱"},
    ],
)
def test_terms_at_their_bounds_are_accepted(changes: dict[str, Any]) -> None:
    a_program(**changes)


def test_a_free_program_has_no_price_and_no_discounts() -> None:
    nothing = usd(0)

    terms = terms_of_sale(
        full_price=nothing,
        class_rep_discount=nothing,
        early_bird_discount=nothing,
        is_free=True,
    )

    assert terms.is_free


@pytest.mark.parametrize(
    ("at", "is_early"),
    [
        (NOON - timedelta(microseconds=1), True),
        (NOON, False),
        (NOON + timedelta(microseconds=1), False),
    ],
)
def test_an_early_bird_comes_before_the_deadline(
    at: datetime, *, is_early: bool
) -> None:
    assert terms_of_sale(early_bird_deadline=NOON).is_early(at) is is_early


def test_without_a_deadline_nobody_is_early() -> None:
    terms = terms_of_sale(early_bird_discount=usd(0), early_bird_deadline=None)

    assert not terms.is_early(NOON)


@pytest.mark.parametrize(
    ("limit", "taken", "left", "is_free"),
    [
        (10, 0, 10, True),
        (10, 9, 1, True),
        (10, 10, 0, False),
        (10, 12, 0, False),
        (0, 0, None, True),
        (0, 49_999, None, True),
        (0, 50_000, None, False),
    ],
)
def test_the_spots_left_are_the_limit_less_those_taken(
    limit: int, taken: int, left: int | None, *, is_free: bool
) -> None:
    program = a_program(class_rep_limit=limit, class_rep_count=taken)

    assert (program.spots_left, program.has_a_free_spot) == (left, is_free)
