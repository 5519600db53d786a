import pytest

from entrypoints.stripe_simulator.forms import decode
from entrypoints.stripe_simulator.refusals import Refusal


def test_indexed_arrays_become_lists() -> None:
    form = "line_items[0][price]=a&line_items[1][price]=b&expand[0]=x"

    assert decode(form) == {
        "line_items": [{"price": "a"}, {"price": "b"}],
        "expand": ["x"],
    }


def test_appended_arrays_become_lists() -> None:
    assert decode("types[]=card&types[]=sepa_debit") == {
        "types": ["card", "sepa_debit"]
    }


def test_appended_objects_begin_anew_when_a_key_repeats() -> None:
    form = "items[][price]=a&items[][quantity]=1&items[][price]=b&items[][quantity]=2"

    assert decode(form) == {
        "items": [{"price": "a", "quantity": "1"}, {"price": "b", "quantity": "2"}]
    }


def test_positions_count_not_the_order_of_writing() -> None:
    assert decode("a[10]=k&a[2]=c&a[0]=a") == {"a": ["a", "c", "k"]}


def test_metadata_may_call_its_keys_digits() -> None:
    assert decode("metadata[0]=x") == {"metadata": {"0": "x"}}


def test_values_are_decoded_and_may_be_empty() -> None:
    assert decode("a=%C3%A9+b&c=") == {"a": "é b", "c": ""}


@pytest.mark.parametrize("form", ["a=1&a[b]=2", "[x]=1", "a[b=1", "a[b]c=1", "=1"])
def test_nonsense_is_refused(form: str) -> None:
    with pytest.raises(Refusal):
        decode(form)
