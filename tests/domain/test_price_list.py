from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.price_list import Offer, PriceList
from domain.program import ProgramIsFree
from domain.quote import BelowMinimumCharge, quote
from entrypoints.simulation.outside.clock import NOON
from tests.examples import a_program, usd

DEADLINE = NOON + timedelta(days=1)


def total(offer: Offer) -> int | None:
    return None if offer.quote is None else offer.quote.total.amount


def totals(prices: PriceList) -> list[int | None]:
    offers = (prices.plain, prices.class_rep, prices.early_bird, prices.both)
    return [total(offer) for offer in offers]


@given(at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001
def test_the_four_prices_do_not_depend_on_when_one_asks(at: datetime) -> None:
    prices = PriceList.of(a_program(), at=at.replace(tzinfo=NOON.tzinfo))

    assert totals(prices) == [10_000, 7_000, 8_000, 5_000]


def test_the_last_early_moment_is_early_and_the_next_is_not() -> None:
    program = a_program(early_bird_deadline=DEADLINE)
    last = PriceList.of(program, at=NOON).last_early

    assert last is not None
    assert quote(program, as_class_rep=False, at=last).is_early_bird
    assert last + timedelta(milliseconds=1) == DEADLINE
    assert not quote(program, as_class_rep=False, at=DEADLINE).is_early_bird


def test_without_a_deadline_nobody_is_early() -> None:
    program = a_program(early_bird_discount=usd(0), early_bird_deadline=None)

    prices = PriceList.of(program, at=NOON)

    assert totals(prices) == [10_000, 7_000, 10_000, 7_000]
    assert prices.last_early is None


def test_a_price_that_cannot_be_charged_says_so_in_its_place() -> None:
    program = a_program(full_price=usd(5_040))

    prices = PriceList.of(program, at=NOON)

    assert totals(prices) == [5_040, 2_040, 3_040, None]
    assert isinstance(prices.both.refusal, BelowMinimumCharge)


def test_a_free_program_has_no_prices() -> None:
    nothing = usd(0)
    free = a_program(
        full_price=nothing,
        class_rep_discount=nothing,
        early_bird_discount=nothing,
        is_free=True,
    )

    prices = PriceList.of(free, at=NOON)

    assert totals(prices) == [None] * 4
    assert isinstance(prices.plain.refusal, ProgramIsFree)
