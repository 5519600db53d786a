"""What the bench makes of a crowd is what the crowd was answered."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from tests.bench.figures import Verdict
from tests.bench.overload.crowds import LOOK, MIX, MONEY, WEBHOOK, Outcome, of_the_mix
from tests.bench.overload.generator import Answer, Ask, Load, in_time, in_turn
from tests.bench.overload.part import Rounds, Rush, crowd_figures, rush_figures

CAPACITIES = {LOOK: 100.0, MONEY: 10.0, WEBHOOK: 50.0}


def test_an_answer_that_comes_too_late_or_is_a_refusal_is_not_good() -> None:
    outcome = Outcome(
        answers=[
            Answer(LOOK, 200, 2.9),
            Answer(LOOK, 200, 3.1),
            Answer(LOOK, 503, 0.1),
            Answer(MONEY, 200, 4.9),
        ],
        seconds=1,
    )

    assert outcome.good(LOOK) == 1
    assert outcome.share(LOOK) == pytest.approx(1 / 3)
    assert outcome.refused_ms == 100


def test_each_good_answer_counts_as_the_time_that_it_needs() -> None:
    answers = [*[Answer(LOOK, 200, 0.1)] * 50, *[Answer(MONEY, 200, 0.1)] * 5]

    assert Outcome(answers=answers, seconds=1).goodput(CAPACITIES) == pytest.approx(1)


def test_the_mix_is_as_fast_as_its_parts() -> None:
    seconds = sum(1 / CAPACITIES[kind] for kind in MIX)

    assert of_the_mix(CAPACITIES) == pytest.approx(len(MIX) / seconds)


def test_five_times_is_held_against_once() -> None:
    rounds = Rounds(
        webhooks=[1.0],
        refused_ms=[5.0],
        late_ms=[1.0],
        unguarded=[0.1],
        capacity=[50.0],
    )
    rounds.goodput.update({1: [0.9], 2: [0.9], 5: [0.45]})

    verdicts = {each.name: each.verdict for each in crowd_figures(rounds)}

    assert verdicts["goodput at 5x, of that at 1x"] is Verdict.MISSED
    assert verdicts["webhooks done at 5x"] is Verdict.MET


def test_a_refusal_that_does_not_say_when_is_seen() -> None:
    rude = Rush(answers=[Answer(MONEY, 503, 0.1)], refused_by_stripe=11)

    verdicts = [each.verdict for each in rush_figures(rude, rude)[:2]]

    assert verdicts == [Verdict.MISSED, Verdict.MISSED]


async def test_who_comes_in_time_does_not_wait_for_others() -> None:
    """The server answers nobody before all have come; who takes turns would hang."""
    come, all_here = 0, asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        nonlocal come
        come += 1
        if come >= 5:
            all_here.set()
        await all_here.wait()
        return web.Response(headers={"Retry-After": "1"})

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    [(host, port)] = runner.addresses
    ask = Ask(LOOK, "GET", f"http://{host}:{port}/", {})
    async with aiohttp.ClientSession() as http:
        answers = await in_time(http, Load(asks=[ask], seconds=0.1, per_second=200))
        in_turns = await in_turn(http, Load(asks=[ask], seconds=0.05, at_once=2))
    await runner.cleanup()

    assert {each.status for each in [*answers, *in_turns]} == {200}
    assert all(each.has_retry_after for each in answers)
