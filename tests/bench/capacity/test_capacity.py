"""The paper says what the command prints, and the simulations count rightly."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.capacity.__main__ import PAPER, tables, with_tables
from tests.bench.capacity.costs import STRIPES_PACE, Costs
from tests.bench.capacity.opening import BUYERS, SPOTS, Sale
from tests.bench.capacity.sizes import entries, stages
from tests.bench.capacity.stripe_queue import Outcome, in_line, without_a_line
from tests.bench.capacity.tables import Table

WORDS = PAPER.read_text()
NUMBER = re.compile(r"(?m)^\|.*\|$|[\d.,]+")


async def test_the_paper_has_each_table_that_the_command_prints() -> None:
    """Its numbers are of a day; with `--paper` the command writes today's."""
    paper = with_tables(WORDS, await tables(Costs()))

    assert NUMBER.sub("", paper) == NUMBER.sub("", WORDS)


def test_a_table_takes_the_place_of_the_one_with_its_title() -> None:
    old, new = (
        Table(title="T", basis=basis, head=("a",), rows=[("x",)])
        for basis in ("guessed", "measured")
    )
    other = replace(old, title="U")

    paper = with_tables(f"before\n\n{old}\n\n{other}\n\nafter\n", [new])

    assert paper == f"before\n\n{new}\n\n{other}\n\nafter\n"


def test_costs_are_read_from_the_bench(tmp_path: Path) -> None:
    kinds = {"checkout": 1.0, "class rep": 2.0, "repeat": 3.0, "webhook": 4.0}
    figures = [{"name": f"{kind}, CPU", "median": ms} for kind, ms in kinds.items()]
    figures.append({"name": "checkout, CPU over the floor", "median": 9.0})
    (tmp_path / "bench.json").write_text(json.dumps({"figures": figures}))

    costs = Costs.read(tmp_path / "bench.json")

    assert costs == Costs(checkout=1.0, class_rep=2.0, repeat=3.0, webhook=4.0)


def test_a_line_serves_its_pace_and_sends_the_rest_away() -> None:
    told = in_line(3 * STRIPES_PACE, pace=STRIPES_PACE, seconds=60)

    assert told.goodput == pytest.approx(STRIPES_PACE, rel=0.02)
    assert told.shed_share == pytest.approx(2 / 3, abs=0.1)
    assert max(told.waits) <= 5.01
    waiting = told.came - told.shed - len(told.waits)  # when time is up
    assert 0 <= waiting <= 5 * STRIPES_PACE + 1


def test_below_the_pace_nobody_is_sent_away() -> None:
    told = in_line(STRIPES_PACE / 4, pace=STRIPES_PACE, seconds=60)

    assert (told.shed, told.wait(0.5)) == (0, 0.0)


def test_without_a_line_stripe_refuses_a_storm() -> None:
    served, refused = without_a_line(100, seconds=30)

    assert served < 30
    assert refused > 100


def test_shares_of_waits() -> None:
    told = Outcome(seconds=10, came=5, shed=1, waits=[3.0, 1.0, 2.0, 4.0])

    assert (told.wait(0.5), told.wait(0.99)) == (3.0, 4.0)
    assert (told.goodput, told.shed_share) == (0.4, 0.2)


@pytest.mark.parametrize("spots", [SPOTS, None])
def test_everybody_gets_an_answer_when_a_sale_opens(spots: int | None) -> None:
    told = Sale(spots=spots, cores=1.0, milliseconds=2.0).play()

    pages = len(told.ends) - told.refused
    assert len(told.ends) == BUYERS
    assert pages == (BUYERS if spots is None else spots)
    assert told.requests == BUYERS + told.sent_away


async def test_a_webhook_moves_entries_of_what_it_changes_alone() -> None:
    rows = await stages()

    moved = entries(rows["paid"]) - entries(rows["its page is open"])

    names = {name for name, _, _ in moved}
    assert {"by_payment", "by_due_mail", "by_completion"} <= names
    assert not names & {"_id_", "one_order_number", "one_live_purchase"}


def test_a_table_is_markdown() -> None:
    table = Table(title="T", basis="b", head=("a", "n"), rows=[("x", 1234.5)])

    lines = str(table).splitlines()

    assert lines[2:] == ["| a | n |", "| --- | ---: |", "| x | 1,234 |"]
