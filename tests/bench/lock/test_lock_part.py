"""The bench counts what it says it counts, and divides the right way round."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.bench.figures import Verdict
from tests.bench.lock.cases import Case, cases
from tests.bench.lock.contenders import Contender, entered
from tests.bench.lock.measures import RUNS, Measure
from tests.bench.lock.part import figures, no_peer, ratio
from tests.bench.lock.runs import MeasureFailed, Run, run_of


def a_run(
    *, cpu: float = 1, wall: float = 1, count: int = 100, entries: int = 0
) -> Run:
    return Run(cpu=cpu, wall=wall, count=count, entries=entries, left=0)


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("count", [1, 100, 1_050])
async def test_each_measure_takes_as_many_turns_as_it_says(
    measure: Measure, count: int
) -> None:
    taken: Counter[str] = Counter()

    @asynccontextmanager
    async def hold(key: str) -> AsyncIterator[None]:
        taken[key] += 1
        yield

    await RUNS[measure](hold, count)

    assert taken.total() == count
    assert len(taken) == (count if measure is Measure.CHURN else 1)


async def test_those_who_hand_over_are_there_at_once() -> None:
    inside = most = 0

    @asynccontextmanager
    async def hold(_key: str) -> AsyncIterator[None]:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        yield
        inside -= 1

    await RUNS[Measure.HAND_OFF](hold, 1_000)

    assert most == 1_000


@pytest.mark.parametrize(
    "contender", [each for each in Contender if not each.is_remote]
)
@pytest.mark.parametrize("is_armed", [False, True])
async def test_every_lock_that_is_measured_excludes(
    contender: Contender, *, is_armed: bool
) -> None:
    inside: list[int] = []

    async with entered(contender, is_armed=is_armed, redis_url="") as entrant:

        async def enter(number: int) -> None:
            async with entrant.hold("spot"):
                inside.append(number)
                assert len(inside) == 1
                await asyncio.sleep(0)
                inside.remove(number)

        await asyncio.gather(*(enter(number) for number in range(10)))

        assert entrant.entries is not None
        assert entrant.entries() == 0


def test_half_the_work_in_the_same_time_is_half() -> None:
    ours, peer = a_run(cpu=2, wall=4), a_run()

    assert (ours.cpu_against(peer), ours.wall_against(peer)) == (0.5, 0.25)
    assert a_run(count=50).cpu_against(peer) == 0.5


def test_a_promise_is_judged_and_the_clock_stands_beside_it() -> None:
    case = Case(contender=Contender.OURS, measure=Measure.UNCONTENDED)

    figure = ratio(case, [(a_run(cpu=2, wall=4), a_run())])

    assert (figure.rounds, figure.verdict) == ((0.5,), Verdict.MET)
    assert figure.note == "on the clock 0.25 to 0.25"


def test_one_key_that_is_left_behind_is_one_too_many() -> None:
    case = Case(contender=Contender.OURS, measure=Measure.CHURN, is_armed=True)

    found = figures({case: [(a_run(entries=1), a_run())]})

    assert [each.verdict for each in found] == [
        *(Verdict.MET, Verdict.MISSED, Verdict.NONE)
    ]


def test_without_node_the_promise_is_not_called_kept() -> None:
    assert no_peer().verdict is Verdict.MISSED


def test_the_short_form_holds_ours_against_every_promise() -> None:
    promised = [case for case in cases(is_short=True, has_redis=False) if case.target]

    assert len(promised) == 2 * len(Measure)


async def test_a_measure_that_broke_down_says_so() -> None:
    command = Case(contender=Contender.OURS, measure=Measure.CHURN).command(
        redis_url=""
    )

    with pytest.raises(MeasureFailed, match="usage"):
        await run_of([*command, "--nonsense"])


async def test_a_process_of_its_own_measures() -> None:
    case = Case(contender=Contender.OURS, measure=Measure.CHURN)
    command = case.command(redis_url="")
    command[command.index(str(case.count))] = "200"

    run = await run_of(command)

    assert (run.count, run.entries) == (200, 0)
    assert run.cpu > 0
    assert run.wall > 0
