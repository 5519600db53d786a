from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Currency, Money
from domain.program import Program, ProgramIsFree
from domain.quote import BelowMinimumCharge, Quote, quote, still_offers
from entrypoints.simulation.outside.clock import NOON
from tests.examples import a_program, a_quote, usd

AMOUNTS = st.integers(0, 99_999_999)
MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001
    max_value=datetime(2026, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    code = draw(st.sampled_from(["usd", "jpy", "isk", "kwd", "huf"]))
    currency = Currency(code)

    def at_most(amount: int) -> Money:
        steps = draw(st.integers(0, amount // currency.step))
        return Money(steps * currency.step, currency)

    price = at_most(99_999_999 - currency.step).amount + currency.step
    return a_program(
        full_price=Money(price, currency),
        class_rep_discount=at_most(price),
        early_bird_discount=at_most(price),
        early_bird_deadline=draw(MOMENTS),
        revision=draw(st.integers(1, 3)),
    )


@pytest.mark.parametrize(
    ("as_class_rep", "at", "total"),
    [
        (False, NOON + timedelta(days=2), 10_000),
        (True, NOON + timedelta(days=2), 7_000),
        (False, NOON, 8_000),
        (True, NOON, 5_000),
    ],
)
def test_the_discounts_in_force_come_off_the_price(
    *, as_class_rep: bool, at: datetime, total: int
) -> None:
    offer = quote(a_program(), as_class_rep=as_class_rep, at=at)

    assert offer.total == usd(total)
    assert offer.is_class_rep is as_class_rep
    assert offer.is_early_bird is (at == NOON)


@given(program=programs(), as_class_rep=st.booleans(), at=MOMENTS)
def test_a_quote_adds_up_or_is_refused(
    program: Program,
    *,
    as_class_rep: bool,
    at: datetime,
) -> None:
    terms = program.terms
    off = terms.class_rep_discount.amount if as_class_rep else 0
    if terms.early_bird_deadline is not None and at < terms.early_bird_deadline:
        off += terms.early_bird_discount.amount
    expected = max(0, terms.full_price.amount - off)

    if 0 < expected < terms.full_price.currency.minimum_charge:
        with pytest.raises(BelowMinimumCharge):
            quote(program, as_class_rep=as_class_rep, at=at)
        return
    offer = quote(program, as_class_rep=as_class_rep, at=at)

    assert offer.total.amount == expected
    assert offer.is_free is (expected == 0)
    assert offer.full_price == terms.full_price


def test_at_the_deadline_nobody_is_early_any_more() -> None:
    program = a_program(early_bird_deadline=NOON)

    before = quote(program, as_class_rep=False, at=NOON - timedelta(microseconds=1))
    at_it = quote(program, as_class_rep=False, at=NOON)

    assert (before.total, at_it.total) == (usd(8_000), usd(10_000))
    assert at_it.early_bird_discount == usd(0)


def test_the_deadline_is_an_instant_in_any_time_zone() -> None:
    tokyo = timezone(timedelta(hours=9))
    program = a_program(early_bird_deadline=NOON.astimezone(tokyo))

    assert not quote(program, as_class_rep=False, at=NOON).is_early_bird


def test_a_quote_is_dated_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))

    offer = quote(a_program(), as_class_rep=False, at=NOON.astimezone(tokyo))

    assert offer.quoted_at == NOON
    assert offer.quoted_at.tzinfo is UTC


@pytest.mark.parametrize("total", [1, 49])
def test_a_total_below_the_smallest_charge_is_refused(total: int) -> None:
    program = a_program(class_rep_discount=usd(8_000 - total))

    with pytest.raises(
        BelowMinimumCharge, match=rf"0\.{total:02} USD .* 0\.50 USD"
    ) as refusal:
        quote(program, as_class_rep=True, at=NOON)

    assert refusal.value.total == usd(total)


@pytest.mark.parametrize(("off", "total"), [(7_950, 50), (8_000, 0), (9_000, 0)])
def test_the_smallest_charge_and_nothing_at_all_are_allowed(
    off: int, total: int
) -> None:
    program = a_program(class_rep_discount=usd(off))

    offer = quote(program, as_class_rep=True, at=NOON)

    assert offer.total == usd(total)
    assert offer.is_free is (total == 0)


def test_a_free_program_has_no_quote() -> None:
    nothing = usd(0)
    program = a_program(
        is_free=True,
        full_price=nothing,
        class_rep_discount=nothing,
        early_bird_discount=nothing,
    )

    with pytest.raises(ProgramIsFree, match=r"This program is free\."):
        quote(program, as_class_rep=False, at=NOON)


def test_a_quote_that_does_not_add_up_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="adds up"):
        replace(a_quote(), total=usd(7_999))


def test_the_fingerprint_does_not_depend_on_the_moment() -> None:
    later = quote(a_program(), as_class_rep=False, at=NOON + timedelta(hours=1))

    assert later.fingerprint == a_quote().fingerprint
    assert len(later.fingerprint) == 32


def test_a_fingerprint_says_the_same_in_every_version() -> None:
    offer = Quote(
        full_price=usd(29_900),
        class_rep_discount=usd(10_000),
        early_bird_discount=usd(4_000),
        total=usd(15_900),
        is_class_rep=True,
        is_early_bird=True,
        program_revision=1,
        quoted_at=NOON,
    )
    assert offer.fingerprint == "108d88afc0889bfb7d79974a9c3d8899"


def facts_of(offer: Quote) -> Quote:
    return replace(offer, quoted_at=NOON)


@given(programs(), programs(), st.tuples(st.booleans(), st.booleans()))
def test_two_offers_share_a_fingerprint_just_when_they_are_the_same(
    program: Program, other: Program, choices: tuple[bool, bool]
) -> None:
    try:
        one = quote(program, as_class_rep=choices[0], at=NOON)
        two = quote(other, as_class_rep=choices[1], at=NOON)
    except BelowMinimumCharge:
        return

    is_same = facts_of(one) == facts_of(two)
    assert (one.fingerprint == two.fingerprint) is is_same


@pytest.mark.parametrize(
    "other",
    [
        a_quote(as_class_rep=True),
        a_quote(full_price=usd(10_001)),
        a_quote(early_bird_discount=usd(1_999)),
        a_quote(early_bird_deadline=NOON),
        a_quote(early_bird_discount=usd(0)),
        a_quote(early_bird_discount=usd(0), early_bird_deadline=NOON),
        a_quote(revision=2),
        a_quote(as_class_rep=True, class_rep_discount=usd(0)),
        a_quote(
            full_price=Money.of(10_000, "eur"),
            class_rep_discount=Money.of(3_000, "eur"),
            early_bird_discount=Money.of(2_000, "eur"),
        ),
    ],
)
def test_an_offer_that_differs_has_another_fingerprint(other: Quote) -> None:
    assert other.fingerprint != a_quote().fingerprint


@given(program=programs(), changed=programs(), as_class_rep=st.booleans(), at=MOMENTS)
def test_an_offer_stands_while_every_part_of_it_would_be_asked_again(
    program: Program, changed: Program, *, as_class_rep: bool, at: datetime
) -> None:
    try:
        offer = quote(program, as_class_rep=as_class_rep, at=at)
    except BelowMinimumCharge:
        return
    changed = replace(changed, revision=program.revision + 1)
    try:
        now = quote(changed, as_class_rep=as_class_rep, at=at)
    except BelowMinimumCharge:
        assert not still_offers(changed, offer)
        return

    parts = ("full_price", "class_rep_discount", "early_bird_discount", "total")
    same = all(getattr(now, part) == getattr(offer, part) for part in parts)
    is_as_early = now.is_early_bird is offer.is_early_bird
    assert still_offers(changed, offer) is (same and is_as_early)


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_paused": True}])
def test_what_is_not_for_sale_offers_nothing_though_the_price_has_stayed(
    change: dict[str, bool],
) -> None:
    offer = quote(a_program(), as_class_rep=True, at=NOON)

    assert still_offers(a_program(), offer)
    assert still_offers(a_program(revision=2, title="Opera"), offer)
    assert not still_offers(a_program(revision=2, **change), offer)


def test_what_costs_nothing_now_is_not_what_was_offered() -> None:
    offer = quote(a_program(), as_class_rep=False, at=NOON)
    free = a_program(
        revision=2,
        full_price=usd(0),
        class_rep_discount=usd(0),
        early_bird_discount=usd(0),
        is_free=True,
    )

    assert not still_offers(free, offer)
