"""One of any number of equal requests is let through; the others get its answer."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.claim_key import (
    KEPT,
    LEASE,
    Claim,
    ClaimKey,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    NamedRequest,
)
from application.keep_answer import KeepAnswer
from application.ports.idempotency import KeptAnswer
from application.ports.storage import StorageUnavailable
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.idempotency import InMemoryIdempotencyKeys

ASKED = NamedRequest(
    caller="ada", route="POST /refund", key="k-1", content=b"/refund\n\n{}"
)
ANSWER = KeptAnswer(status=200, media_type="application/json", body=b"{}")
MOMENT = timedelta(milliseconds=1)


class Desk:
    """One process, before a storage that others may share."""

    def __init__(self, keys: InMemoryIdempotencyKeys | None = None) -> None:
        self.clock = ManualClock()
        self.keys = keys or InMemoryIdempotencyKeys()
        self.claim = ClaimKey(clock=self.clock, keys=self.keys)
        self.keep = KeepAnswer(clock=self.clock, keys=self.keys)

    async def claimed(self, asked: NamedRequest = ASKED) -> Claim:
        told = await self.claim(asked)
        assert isinstance(told, Claim)
        return told


async def test_the_first_is_let_through_and_the_next_gets_its_answer() -> None:
    desk = Desk()
    claim = await desk.claimed()
    await desk.keep(claim, ANSWER)

    assert await desk.claim(ASKED) == ANSWER


async def test_another_process_gives_the_same_answer() -> None:
    desk = Desk()
    await desk.keep(await desk.claimed(), ANSWER)

    assert await Desk(desk.keys).claim(ASKED) == ANSWER


async def test_while_the_first_is_at_it_the_next_is_told_to_wait() -> None:
    desk = Desk()
    await desk.claimed()
    desk.clock.advance(LEASE - MOMENT)

    with pytest.raises(IdempotencyInProgress):
        await desk.claim(ASKED)


async def test_of_many_at_once_one_is_let_through() -> None:
    desk = Desk()

    told = await asyncio.gather(
        *(desk.claim(ASKED) for _ in range(20)), return_exceptions=True
    )

    assert sum(isinstance(each, Claim) for each in told) == 1
    assert sum(isinstance(each, IdempotencyInProgress) for each in told) == 19


async def test_the_work_of_one_who_died_is_done_again_under_the_same_name() -> None:
    desk = Desk()
    first = await desk.claimed()
    desk.clock.advance(LEASE)

    told = await asyncio.gather(
        *(desk.claim(ASKED) for _ in range(20)), return_exceptions=True
    )

    [second] = [each for each in told if isinstance(each, Claim)]
    assert second.name == first.name
    await desk.keep(first, replace(ANSWER, body=b"late"))
    await desk.keep(second, ANSWER)
    assert await desk.claim(ASKED) == ANSWER


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_failure_is_not_kept_and_the_next_need_not_wait(status: int) -> None:
    desk = Desk()
    await desk.keep(await desk.claimed(), replace(ANSWER, status=status))

    await desk.claimed()


async def test_a_refusal_is_kept() -> None:
    desk = Desk()
    refusal = replace(ANSWER, status=409)
    await desk.keep(await desk.claimed(), refusal)

    assert await desk.claim(ASKED) == refusal


@pytest.mark.parametrize("is_answered", [True, False])
async def test_a_key_stands_for_one_request(*, is_answered: bool) -> None:
    desk = Desk()
    claim = await desk.claimed()
    if is_answered:
        await desk.keep(claim, ANSWER)
    desk.clock.advance(LEASE)

    with pytest.raises(IdempotencyKeyReused):
        await desk.claim(replace(ASKED, content=b"/refund\n\n[]"))


async def test_a_day_later_the_key_is_new() -> None:
    desk = Desk()
    await desk.keep(await desk.claimed(), ANSWER)
    desk.clock.advance(KEPT - MOMENT)
    assert await desk.claim(ASKED) == ANSWER

    desk.clock.advance(MOMENT)

    await desk.claimed()


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, caller="grace"),
        replace(ASKED, route="POST /cancel"),
        replace(ASKED, key="k-2"),
        replace(ASKED, caller="adaP", route="OST /refund"),
    ],
    ids=["caller", "route", "key", "shifted"],
)
async def test_nobody_meets_the_key_of_another(other: NamedRequest) -> None:
    desk = Desk()
    await desk.keep(await desk.claimed(), ANSWER)

    assert (await desk.claimed(other)).id != ASKED.id


async def test_a_lost_word_of_the_storage_costs_the_lease_and_no_more() -> None:
    desk = Desk()

    async def lose(moment: str) -> None:
        if moment == "after keys.begin":
            raise StorageUnavailable

    desk.keys.gate = lose
    with pytest.raises(StorageUnavailable):
        await desk.claim(ASKED)
    desk.keys.gate = InMemoryIdempotencyKeys().gate

    with pytest.raises(IdempotencyInProgress):
        await desk.claim(ASKED)
    desk.clock.advance(LEASE)
    await desk.claimed()
