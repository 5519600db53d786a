from domain.findings import Finding
from domain.ids import ProgramId, PurchaseId
from domain.purchase import PurchasedProgram, Status
from domain.spot_books import SpotBook, in_counter, in_holders, missing_spot
from tests.examples import CHOIR, a_purchase

ONE, TWO = PurchaseId("one"), PurchaseId("two")


def book(*holders: PurchaseId, count: int | None = None) -> SpotBook:
    counted = len(holders) if count is None else count
    return SpotBook(program_id=CHOIR, holders=holders, count=counted)


def kinds(found: list[Finding]) -> list[str]:
    return [each.kind.value for each in found]


def test_a_counter_that_is_the_number_of_spots_is_right() -> None:
    assert list(in_counter(book())) == []
    assert list(in_counter(book(ONE, TWO))) == []


def test_a_counter_that_drifted_is_told_with_both_numbers() -> None:
    (drift,) = in_counter(book(ONE, count=3))

    assert drift.kind == "counter_drift"
    assert (drift.evidence["counter"], drift.evidence["spots"]) == (3, 1)


def test_one_purchase_in_two_spots_is_a_drift_whatever_the_counter_says() -> None:
    assert kinds(list(in_counter(book(ONE, ONE)))) == ["counter_drift"]


def test_a_spot_leaks_when_its_purchase_has_ended_and_never_before() -> None:
    for status in Status:
        rep = a_purchase(status, as_class_rep=True, id=ONE)
        found = list(in_holders(book(ONE), {ONE: rep}))
        assert kinds(found) == (["leaked_spot"] if rep.is_terminal else [])


def test_a_spot_is_stray_without_a_class_rep_purchase_of_the_program() -> None:
    elsewhere = PurchasedProgram(
        id=ProgramId("chess"), title="Chess", program_type="x", time_zone="UTC"
    )
    of_chess = a_purchase(Status.PENDING, as_class_rep=True, id=ONE, program=elsewhere)
    full_price = a_purchase(Status.PENDING, id=TWO)

    assert kinds(list(in_holders(book(ONE), {}))) == ["stray_spot"]
    assert kinds(list(in_holders(book(ONE), {ONE: of_chess}))) == ["stray_spot"]
    assert kinds(list(in_holders(book(TWO), {TWO: full_price}))) == ["stray_spot"]


def test_spots_of_one_purchase_in_two_programs_are_two_findings() -> None:
    chess = SpotBook(program_id=ProgramId("chess"), holders=(ONE,), count=1)
    (here,), (there,) = in_holders(book(ONE), {}), in_holders(chess, {})

    assert here.id != there.id


def test_a_missing_spot_names_the_program_and_the_purchase() -> None:
    rep = a_purchase(Status.COMPLETED, as_class_rep=True)

    assert missing_spot(rep).evidence == {
        "program_id": CHOIR,
        "purchase_id": rep.id,
        "status": "completed",
    }
