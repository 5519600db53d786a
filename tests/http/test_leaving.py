"""Whoever was told to end says so first, begins nothing new, and ends in time."""

import asyncio
from datetime import timedelta

from entrypoints.http.background import MailLoop
from entrypoints.http.jobs import JobRunner
from entrypoints.http.leaving import Leaving
from tests.http.people import ADA
from tests.http.service import Http, Service
from tests.http.test_background import Bell
from tests.http.test_jobs import OFTEN, Work, job

SECOND = timedelta(seconds=1)
NOTHING = timedelta()


class Hand:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_there_is_no_hurry_before_the_end_has_begun() -> None:
    hand = Hand()
    leaving = Leaving(grace=20 * SECOND, now=hand)
    hand.now = 1000

    assert not leaving.is_under_way
    assert leaving.allow(10 * SECOND, spare=4 * SECOND) == 10 * SECOND


def test_the_last_resort_is_armed_once() -> None:
    armed: list[timedelta] = []
    leaving = Leaving(grace=20 * SECOND, last_resort=armed.append)
    assert armed == []

    leaving.begin()
    leaving.begin()

    assert armed == [20 * SECOND]


def test_what_is_left_is_shared_out() -> None:
    hand = Hand()
    leaving = Leaving(grace=20 * SECOND, now=hand)
    leaving.begin()

    assert leaving.allow(10 * SECOND, spare=4 * SECOND) == 10 * SECOND
    hand.now = 12
    assert leaving.allow(10 * SECOND, spare=4 * SECOND) == 4 * SECOND
    leaving.begin()
    assert leaving.allow(10 * SECOND, spare=4 * SECOND) == 4 * SECOND
    hand.now = 19
    assert leaving.allow(10 * SECOND, spare=4 * SECOND) == NOTHING


async def test_it_is_not_ready_and_still_answers() -> None:
    leaving = Leaving()
    service = Service(leaving=leaving, is_apart=True)
    service.sell("choir")
    http = Http(service.app)
    before = await http.get("/api/system/ready")
    leaving.begin()

    ready = await http.get("/api/system/ready")
    bought = await http.buy(ADA)
    alive = await http.get("/api/system/health")

    assert (before.status_code, before.json()["leaving"]) == (200, False)
    assert (ready.status_code, ready.json()["leaving"]) == (503, True)
    assert ready.json()["database"]["ok"] is True
    assert bought["sessionUrl"]
    assert alive.status_code == 200
    assert "connection" not in before.headers
    assert alive.headers["connection"] == "close"


async def test_no_job_begins_a_turn_any_more() -> None:
    leaving, idle, busy = Leaving(), Work(), Work()
    leaving.begin()

    told = JobRunner([job(idle, OFTEN)], leaving=leaving)
    async with told, JobRunner([job(busy, OFTEN)]):
        for _ in range(3):
            await busy.turn()

    assert idle.turns == 0


async def test_a_mail_in_hand_is_cut_off_when_the_time_is_over() -> None:
    hand, sending = Hand(), asyncio.Event()
    leaving = Leaving(grace=20 * SECOND, now=hand)

    async def deliver() -> int:
        sending.set()
        await asyncio.Event().wait()
        return 1

    mail_loop = MailLoop(deliver, Bell(), leaving=leaving)
    async with asyncio.timeout(5):  # its own patience is longer
        async with mail_loop:
            await sending.wait()
            leaving.begin()
            hand.now = 19
    assert not mail_loop.is_alive
