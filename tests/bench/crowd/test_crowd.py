"""The verdict on a crowd is about what it was told, not about how long it waited."""

import httpx
import pytest

from tests.bench.crowd.asking import Answers, all_at_once
from tests.bench.crowd.part import Rush, figures_of_buyers, figures_of_copies
from tests.bench.figures import Figure, Verdict

LATER = httpx.Response(503, headers={"Retry-After": "0"})


def answers(**told: int) -> Answers:
    made = Answers()
    made.told.update({name.lstrip("_"): number for name, number in told.items()})
    return made


def verdicts(figures: list[Figure]) -> set[Verdict]:
    return {figure.verdict for figure in figures} - {Verdict.NONE}


def test_ten_sold_and_all_others_told_so_is_right() -> None:
    rush = Rush(answers=answers(_200=10, class_rep_limit_reached=50), done=10)

    assert verdicts(list(figures_of_buyers(rush, 60))) == {Verdict.MET}


@pytest.mark.parametrize(
    ("sold", "told"),
    [
        (9, {"_200": 10, "class_rep_limit_reached": 50}),
        (11, {"_200": 10, "class_rep_limit_reached": 50}),
        (10, {"_200": 11, "class_rep_limit_reached": 49}),
        (10, {"_200": 10, "class_rep_limit_reached": 49, "lock_timeout": 1}),
    ],
)
def test_one_more_or_less_is_wrong(sold: int, told: dict[str, int]) -> None:
    rush = Rush(answers=answers(**told), done=sold)

    assert Verdict.MISSED in verdicts(list(figures_of_buyers(rush, 60)))


def test_a_second_effect_is_wrong() -> None:
    right = Rush(answers=answers(_200=60), done=1)
    wrong = Rush(answers=answers(_200=60), done=2)

    assert verdicts(list(figures_of_copies(right, 60))) == {Verdict.MET}
    assert Verdict.MISSED in verdicts(list(figures_of_copies(wrong, 60)))


async def test_who_is_told_to_come_later_does_and_an_odd_answer_is_told() -> None:
    replies = iter([LATER, LATER, httpx.Response(200)])
    willing = httpx.MockTransport(lambda _: next(replies))
    mute = httpx.MockTransport(lambda _: httpx.Response(503))
    request = httpx.Request("GET", "http://api.example")
    async with httpx.AsyncClient(transport=willing) as http:
        patient = await all_at_once(http, [request])
    async with httpx.AsyncClient(transport=mute) as http:
        odd = await all_at_once(http, [request])

    assert (patient.told["200"], patient.later, patient.odd) == (1, 2, [])
    assert odd.odd == ["503: "]
