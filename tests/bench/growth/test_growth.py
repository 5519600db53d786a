"""What is compared is what was measured, over a stock that could be a shop's."""

import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from domain.purchase import LIVE, Status
from tests.bench.figures import Figure, Verdict
from tests.bench.growth.errands import Kind
from tests.bench.growth.measuring import Cost, Costs, counter
from tests.bench.growth.part import Measured, figures_of_past, figures_of_spots
from tests.bench.growth.stock import purchases
from tests.bench.growth.store import Store, stocked_on

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def costs(cpu: float, trips: float = 3) -> Costs:
    cost = Cost(cpu=cpu, server_cpu=1, trips=trips, reply_bytes=100)
    return dict.fromkeys(Kind, cost)


def past(large: list[float], *, trips: float = 3) -> list[Figure]:
    """Compare with a small one whose CPU was 1 and 2 in two rounds."""
    measured = Measured(
        costs={100: [costs(1), costs(2)], 1000: [costs(cpu) for cpu in large]},
        paced={100: [costs(1)], 1000: [costs(1.1)]},
        trips={100: costs(1), 1000: costs(1, trips)},
        memory={100: 80.0, 1000: 81.5},
    )
    return list(figures_of_past(measured))


def named(figures: list[Figure], name: str) -> Figure:
    [figure] = [it for it in figures if it.name == name]
    return figure


def test_a_round_is_divided_by_the_same_round() -> None:
    cpu = named(past([1.1, 2.4]), "checkout, 100 -> 1,000 purchases: CPU")

    assert cpu.rounds == (1.1, 1.2)
    assert cpu.verdict is Verdict.MET


def test_who_is_kept_waiting_is_judged_by_as_long_a_wait() -> None:
    figures = past([4, 8])
    name = f"{Kind.BY_PROGRAM}, 100 -> 1,000 purchases"

    assert named(figures, f"{name}: CPU").rounds == (4, 4)
    assert named(figures, f"{name}: CPU").verdict is Verdict.NONE
    assert named(figures, f"{name}: CPU, as long a wait").rounds == (1.1,)
    assert named(figures, f"{name}: CPU, as long a wait").verdict is Verdict.MET
    assert named(figures, f"{name}: trips").verdict is Verdict.MET


@pytest.mark.parametrize(
    ("large", "trips", "verdict"),
    [
        ([1.3, 2.6], 3, (Verdict.MISSED, Verdict.MET)),
        ([1.0, 2.0], 4, (Verdict.MET, Verdict.MISSED)),
    ],
)
def test_a_fifth_more_is_too_much(
    large: list[float], trips: float, verdict: tuple[Verdict, Verdict]
) -> None:
    figures = past(large, trips=trips)

    names = [f"checkout, 100 -> 1,000 purchases: {it}" for it in ("CPU", "trips")]
    assert tuple(named(figures, name).verdict for name in names) == verdict


def test_memory_is_told_by_size() -> None:
    memory = named(past([1, 2]), "memory, 100 -> 1,000 purchases")

    assert memory.median == 1.5
    assert "100: 80, 1,000: 81.5" in memory.note


def test_spots_beyond_what_was_promised_are_not_judged() -> None:
    sizes = (10, 10_000, 49_900)
    measured = Measured(
        costs={size: [costs(1)] for size in sizes},
        trips={size: costs(1) for size in sizes},
        memory={},
    )

    cpu = {it.name: it.verdict for it in figures_of_spots(measured) if "CPU" in it.name}

    assert cpu["class rep, 10 -> 10,000 spots: CPU"] is Verdict.MET
    assert cpu["class rep, 10 -> 49,900 spots: CPU"] is Verdict.NONE


def test_a_stock_is_the_same_again_and_could_be_a_shops() -> None:
    stock = list(purchases(500, until=NOON))

    assert stock == list(purchases(500, until=NOON))
    assert len({each.id for each in stock}) == len(stock)
    live = [(each.buyer.id, each.program.id) for each in stock if each.is_live]
    assert len(live) == len(set(live))
    assert not any(each.quote.is_class_rep for each in stock if each.status in LIVE)
    by_status = Counter(each.status for each in stock)
    assert by_status[Status.PENDING] == 5
    assert by_status[Status.COMPLETED] > by_status[Status.CLOSED] > 0


def test_only_the_past_grows() -> None:
    some, more = (list(purchases(number, until=NOON)) for number in (500, 2_000))

    for stock in (some, more):
        lately = [it for it in stock if it.created_at > NOON - timedelta(days=2)]
        assert len(lately) == pytest.approx(2 * 137, rel=0.05)


async def test_what_goes_over_the_wire_is_counted(
    mongo_uri: str, database_name: str
) -> None:
    stocked = await stocked_on(mongo_uri, database_name, number=20)
    store = Store(sizes=[stocked], server=psutil.Process(os.getpid()))
    kinds = [Kind.CHECKOUT, Kind.WEBHOOK, Kind.MINE]

    async with counter(store, stocked, kinds) as at:
        trips, cpu = await at.trips(3), await at.costs(2)
        begun = time.monotonic()
        await at.paced(2, [Kind.MINE], pace=0.1)
        took = time.monotonic() - begun

    assert trips[Kind.CHECKOUT].trips == 3
    assert trips[Kind.MINE].trips == 1
    assert trips[Kind.MINE].reply_bytes > trips[Kind.CHECKOUT].reply_bytes
    assert all(cost.cpu > 0 for cost in cpu.values())
    assert took >= 0.19  # two replies
