from datetime import date
from re import fullmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import order_number

ENTROPY = st.binary(min_size=10, max_size=10)
DAY = date(2026, 3, 2)


@given(ENTROPY)
def test_an_order_number_is_a_day_and_sixteen_letters_nobody_misreads(
    entropy: bytes,
) -> None:
    number = order_number(on=DAY, entropy=entropy)

    assert fullmatch(r"ORD-20260302-[0-9A-HJKMNP-TV-Z]{16}", number)


@given(ENTROPY, ENTROPY)
def test_every_one_of_the_eighty_bits_shows(one: bytes, other: bytes) -> None:
    numbers = order_number(on=DAY, entropy=one), order_number(on=DAY, entropy=other)

    assert (numbers[0] == numbers[1]) is (one == other)


@pytest.mark.parametrize("bit", range(80))
def test_no_bit_is_without_a_letter(bit: int) -> None:
    entropy = (1 << bit).to_bytes(10)

    assert order_number(on=DAY, entropy=entropy) != order_number(
        on=DAY, entropy=bytes(10)
    )


@pytest.mark.parametrize("length", [0, 9, 11])
def test_fewer_or_more_bytes_make_no_order_number(length: int) -> None:
    with pytest.raises(ValueError, match=f"{length} bytes"):
        order_number(on=DAY, entropy=bytes(length))
