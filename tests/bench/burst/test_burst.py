"""The verdict on a burst is about what it was told, not about how long it waited."""

from pathlib import Path

import aiohttp
import pytest

from tests.bench.burst.asking import Answers, Asked, Reply, all_at_once
from tests.bench.burst.part import Rush, Shop, figures_of_buyers, figures_of_copies
from tests.bench.figures import Figure, Verdict

LATER = Reply(status=503, later="0")


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
    replies = iter([LATER, LATER, Reply(status=200)])

    async def willing(_: Asked) -> Reply:
        return next(replies)

    async def mute(_: Asked) -> Reply:
        return Reply(status=503)

    async def deaf(_: Asked) -> Reply:
        raise aiohttp.ServerDisconnectedError

    asked = [Asked(path="/", body=b"")]
    patient = await all_at_once(willing, asked)
    odd = await all_at_once(mute, asked)
    unheard = await all_at_once(deaf, asked)

    assert (patient.told["200"], patient.later, patient.odd) == (1, 2, [])
    assert odd.odd == ["503: "]
    assert unheard.odd == ["ServerDisconnectedError"]


@pytest.mark.timeout(120)
async def test_two_dozen_buyers_and_copies_come_out_exactly(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    size = 24
    async with Shop.opened(tmp_path, uri=mongo_uri, database=database_name) as shop:
        buyers, copies = await shop.buyers(size), await shop.copies(size)

    assert verdicts(list(figures_of_buyers(buyers, size))) == {Verdict.MET}
    assert verdicts(list(figures_of_copies(copies, size))) == {Verdict.MET}
