import pytest

from application.ports.programs import ProgramNotFound
from application.ports.purchases import PurchaseNotFound
from entrypoints.http.paths import to_program_id, to_purchase_id, to_session_id

STRANGE = ["", "a b", "a\n", "\na", "a\x00", "é", "$ne", "a.b", "../a", "a" * 65]


@pytest.mark.parametrize("text", STRANGE, ids=repr)
def test_what_cannot_be_an_id_reaches_no_repository(text: str) -> None:
    with pytest.raises(PurchaseNotFound):
        to_purchase_id(text)
    with pytest.raises(ProgramNotFound):
        to_program_id(text)


@pytest.mark.parametrize(
    "text",
    ["", "cs_", "cs_a\n", "cs_a-b", "pi_1", "cs_" + "a" * 251, "xcs_1"],
    ids=repr,
)
def test_what_cannot_be_a_session_reaches_no_repository(text: str) -> None:
    with pytest.raises(PurchaseNotFound):
        to_session_id(text)


def test_what_can_be_an_id_is_taken_as_it_is() -> None:
    longest = "aZ09_-".ljust(64, "x")

    assert str(to_purchase_id(longest)) == longest
    assert str(to_program_id(longest)) == longest
    assert to_session_id("cs_" + "a" * 250) == "cs_" + "a" * 250
