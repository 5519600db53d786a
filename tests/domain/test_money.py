import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import (
    CURRENCIES,
    Currency,
    ImpossibleAmount,
    Money,
    UnknownCurrency,
)

CODES = st.sampled_from(sorted(CURRENCIES))
MOST = 99_999_999


@st.composite
def money(draw: st.DrawFn, codes: st.SearchStrategy[str] = CODES) -> Money:
    currency = Currency(draw(codes))
    steps = draw(st.integers(0, MOST // currency.step))
    return Money(steps * currency.step, currency)


# exponent, step and smallest charge, said here once more on purpose.
@pytest.mark.parametrize(
    ("code", "exponent", "step", "least"),
    [
        ("usd", 2, 1, 50),
        ("eur", 2, 1, 50),
        ("gbp", 2, 1, 30),
        ("cad", 2, 1, 50),
        ("chf", 2, 1, 50),
        ("aud", 2, 1, 50),
        ("nzd", 2, 1, 50),
        ("sgd", 2, 1, 50),
        ("inr", 2, 1, 50),
        ("brl", 2, 1, 50),
        ("bgn", 2, 1, 100),
        ("aed", 2, 1, 200),
        ("myr", 2, 1, 200),
        ("pln", 2, 1, 200),
        ("ron", 2, 1, 200),
        ("dkk", 2, 1, 250),
        ("nok", 2, 1, 300),
        ("sek", 2, 1, 300),
        ("hkd", 2, 1, 400),
        ("mxn", 2, 1, 1000),
        ("thb", 2, 1, 1000),
        ("czk", 2, 1, 1500),
        ("huf", 2, 1, 17500),
        ("jpy", 0, 1, 50),
        ("krw", 0, 1, 1),
        ("xof", 0, 1, 1),
        ("kwd", 3, 10, 1),
        ("tnd", 3, 10, 1),
        ("isk", 2, 100, 1),
        ("ugx", 2, 100, 1),
        ("zar", 2, 1, 1),
    ],
)
def test_each_currency_has_its_digits_its_step_and_its_smallest_charge(
    code: str, exponent: int, step: int, least: int
) -> None:
    currency = Currency(code)

    assert (currency.exponent, currency.step) == (exponent, step)
    assert currency.minimum_charge == least


def test_the_zero_and_three_decimal_currencies_are_those_of_stripe() -> None:
    zero = {code for code in CURRENCIES if Currency(code).exponent == 0}
    three = {code for code in CURRENCIES if Currency(code).exponent == 3}
    whole = {code for code in CURRENCIES if Currency(code).step == 100}

    assert zero == {
        *("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"),
        *("pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"),
    }
    assert three == {"bhd", "jod", "kwd", "omr", "tnd"}
    assert whole == {"isk", "ugx"}


@pytest.mark.parametrize("code", ["USD", "usdt", "", "xxx", "us d"])
def test_what_stripe_does_not_charge_in_is_no_currency(code: str) -> None:
    with pytest.raises(UnknownCurrency) as refusal:
        Currency(code)

    assert refusal.value.currency == code
    assert repr(code) in str(refusal.value)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (-1, "usd"),
        (MOST + 1, "usd"),
        (1, "isk"),
        (150, "ugx"),
        (1, "kwd"),
        (1_005, "tnd"),
    ],
)
def test_an_amount_is_in_range_and_on_a_step(amount: int, code: str) -> None:
    with pytest.raises(ImpossibleAmount) as refusal:
        Money.of(amount, code)

    assert (refusal.value.amount, refusal.value.currency) == (amount, code)
    assert f"{amount} {code}" in str(refusal.value)


@pytest.mark.parametrize(
    ("amount", "code"), [(0, "usd"), (MOST, "usd"), (100, "isk"), (10, "kwd")]
)
def test_the_ends_of_the_range_are_amounts(amount: int, code: str) -> None:
    assert Money.of(amount, code).amount == amount


@pytest.mark.parametrize(
    ("amount", "code", "chargeable"),
    [
        (49, "usd", False),
        (50, "usd", True),
        (29, "gbp", False),
        (30, "gbp", True),
        (0, "krw", False),
        (1, "krw", True),
        (17_499, "huf", False),
        (17_500, "huf", True),
    ],
)
def test_stripe_charges_from_the_smallest_charge_on(
    amount: int, code: str, *, chargeable: bool
) -> None:
    assert Money.of(amount, code).is_chargeable is chargeable


def test_discounts_are_in_the_currency_of_the_price() -> None:
    with pytest.raises(ValueError, match="currency of the price"):
        Money.of(100, "usd").less(Money.of(1, "eur"))


@given(st.data())
def test_discounts_come_off_down_to_zero(data: st.DataObject) -> None:
    price = data.draw(money())
    same = st.just(price.currency.code)
    discounts = data.draw(st.lists(money(same), max_size=3))

    left = price.less(*discounts)

    off = sum(discount.amount for discount in discounts)
    assert left == Money(max(0, price.amount - off), price.currency)
    assert left.is_zero is (off >= price.amount)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (40, "usd", "0.40 USD"),
        (15_900, "usd", "159.00 USD"),
        (0, "eur", "0.00 EUR"),
        (500, "jpy", "500 JPY"),
        (1_050, "kwd", "1.050 KWD"),
        (500, "isk", "5.00 ISK"),
    ],
)
def test_money_reads_in_major_units(amount: int, currency: str, text: str) -> None:
    assert str(Money.of(amount, currency)) == text
