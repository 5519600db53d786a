import asyncio
from datetime import timedelta

import pytest

from application.claim_and_drive import ROUND_MAX
from application.ports.storage import StorageUnavailable
from application.ports.urgency import can_wait
from entrypoints.cli.serve import WORK_EVERY
from entrypoints.http.jobs import Job, JobRunner
from tests.http.service import Http, Service

OFTEN = timedelta(milliseconds=10)
SELDOM = timedelta(hours=1)
LONGEST_DRIVE = 15 * timedelta(seconds=8)  # so many rows, none of which Stripe answers


class Work:
    """Counts its turns; does each planned thing once, then nothing."""

    def __init__(self, *plan: BaseException) -> None:
        self.plan = list(plan)
        self.turns = 0
        self.ended = 0
        self.gave_way: list[bool] = []
        self.entered = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def __call__(self) -> None:
        self.turns += 1
        self.gave_way.append(can_wait())
        self.entered.set()
        await self.may_go_on.wait()
        self.ended += 1
        if self.plan:
            raise self.plan.pop(0)

    async def turn(self) -> None:
        async with asyncio.timeout(10):
            await self.entered.wait()
        self.entered.clear()


def job(work: Work, every: timedelta = SELDOM) -> Job:
    return Job(name="work", every=every, run=work)


async def test_a_job_runs_at_once_and_again_after_its_interval() -> None:
    often, seldom = Work(), Work()
    runner = JobRunner([job(often, OFTEN), job(seldom)])

    async with runner:
        assert runner.is_alive
        await seldom.turn()
        for _ in range(3):
            await often.turn()

    assert not runner.is_alive
    assert seldom.turns == 1


@pytest.mark.parametrize(
    "trouble", [StorageUnavailable(), RuntimeError("a bug")], ids=["storage", "bug"]
)
async def test_no_trouble_ends_a_job(trouble: Exception) -> None:
    work = Work(trouble)

    async with JobRunner([job(work, OFTEN)]):
        await work.turn()
        await work.turn()

    assert work.ended >= 1


async def test_a_job_gives_way_to_buyers() -> None:
    work = Work()

    async with JobRunner([job(work)]):
        await work.turn()

    assert work.gave_way == [True]
    assert not can_wait()


async def test_leaving_lets_a_job_under_way_finish() -> None:
    work = Work()
    work.may_go_on.clear()
    async with JobRunner([job(work)]):
        await work.turn()
        asyncio.get_running_loop().call_soon(work.may_go_on.set)

    assert (work.turns, work.ended) == (1, 1)


async def test_leaving_does_not_wait_for_ever_and_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    work = Work()
    work.may_go_on.clear()
    async with asyncio.timeout(10):
        async with JobRunner([job(work)], drain=OFTEN) as runner:
            await work.turn()

    assert work.ended == 0
    assert not runner.is_alive
    assert [line for line in caplog.records if line.levelname == "ERROR"] == []


async def test_a_job_that_is_cancelled_by_whomever_else_is_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    work = Work(*[asyncio.CancelledError()] * 2)

    async with JobRunner([job(work, OFTEN)]):
        await work.turn()
        await work.turn()

    assert "raised an exception" in caplog.text


async def test_a_job_that_hangs_is_told_by_readiness() -> None:
    times = [0.0]
    work = Work()
    work.may_go_on.clear()
    runner = JobRunner([job(work)], now=lambda: times[0])
    http = Http(Service(jobs=runner, is_apart=True).app)

    before = await http.get("/api/system/ready")
    async with runner:
        meanwhile = await http.get("/api/system/ready")
        times[0] = 6 * SELDOM.total_seconds()
        hung = await http.get("/api/system/ready")
        work.may_go_on.set()

    answers = (before, meanwhile, hung)
    assert [answer.status_code for answer in answers] == [503, 200, 503]
    assert hung.json()["jobs"] == {"ok": False}


async def test_a_long_round_of_a_job_with_short_turns_does_not_hang() -> None:
    times = [0.0]
    work = Work()
    work.may_go_on.clear()
    runner = JobRunner([job(work, WORK_EVERY)], now=lambda: times[0])

    async with runner:
        times[0] = (ROUND_MAX + LONGEST_DRIVE + 2 * WORK_EVERY).total_seconds()
        is_alive_in_it = runner.is_alive
        times[0] = 301
        is_alive_after = runner.is_alive
        work.may_go_on.set()

    assert (is_alive_in_it, is_alive_after) == (True, False)


async def test_it_may_be_left_without_having_begun() -> None:
    await JobRunner([]).__aexit__(None, None, None)


async def test_it_is_known_how_long_ago_a_job_ended_well() -> None:
    time = [0.0]
    fails, works = Work(*[RuntimeError("a bug")] * 99), Work()
    runner = JobRunner(
        [
            Job(name="fails", every=OFTEN, run=fails),
            Job(name="works", every=OFTEN, run=works),
        ],
        now=lambda: time[0],
    )

    async with runner:
        time[0] = 7.0
        for _ in range(2):  # the first turn is over when the second begins
            await fails.turn()
            await works.turn()

        assert runner.since_success == {
            "fails": timedelta(seconds=7),
            "works": timedelta(),
        }
