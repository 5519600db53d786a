"""The door of the service, with requests that end when a test says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from litestar.config.cors import CORSConfig
from structlog.testing import capture_logs

from entrypoints.http.admission import Admission, Refuser, rank_of
from entrypoints.http.gate import Gate, Rank, Room
from entrypoints.http.parcels import Hands
from entrypoints.simulation.outside.metrics import RecordingMetrics
from tests.waiting import eventually

ORIGIN: Final = "https://shop.example"
LOOK: Final = "/api/programs"
CHECKOUT: Final = "/api/purchases/create-checkout-session"
WEBHOOK: Final = "/api/webhooks/stripe"
# One at work, one in line, and all the time of a test.
NARROW: Final = Room(at_work=1, spare=0, waiting=1, patience=60)


@dataclass
class Slow:
    """An application that answers when it is told to."""

    begun: int = 0
    bodies: list[bytes] = field(default_factory=list)
    end: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        del scope
        self.begun += 1
        self.bodies.append((await receive()).get("body", b""))
        await self.end.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


@dataclass(kw_only=True)
class Caller:
    """One request: what it sends when, and what it is answered."""

    path: str = LOOK
    method: str = "GET"
    origin: str = ""
    heard: list[Any] = field(default_factory=list)
    sends: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)

    @property
    def scope(self) -> dict[str, Any]:
        return {
            "type": "http",
            "path": self.path,
            "method": self.method,
            "headers": [(b"origin", self.origin.encode())] if self.origin else [],
            "state": {"request_id": "r1"},
        }

    @property
    def status(self) -> int | None:
        return self.heard[0]["status"] if self.heard else None

    @property
    def headers(self) -> dict[str, str]:
        return {
            name.decode(): value.decode() for name, value in self.heard[0]["headers"]
        }

    def sent(self, body: bytes = b"", *, more: bool = False) -> "Caller":
        self.sends.put_nowait({"type": "http.request", "body": body, "more_body": more})
        return self

    def hang_up(self) -> None:
        self.sends.put_nowait({"type": "http.disconnect"})

    async def hear(self, message: Any) -> None:
        self.heard.append(message)


@dataclass(kw_only=True)
class Door:
    room: Room = NARROW
    slow: Slow = field(default_factory=Slow)
    metrics: RecordingMetrics = field(default_factory=RecordingMetrics)
    cors: CORSConfig | None = None
    hands: Hands = field(default_factory=Hands)

    def __post_init__(self) -> None:
        self.gate = Gate(1, dict.fromkeys(Rank, self.room))
        self.admission = Admission(
            app=self.slow,
            gate=self.gate,
            hands=self.hands,
            metrics=lambda: self.metrics,
            refuser=Refuser(cors=self.cors),
        )

    async def ask(self, caller: Caller) -> Caller:
        await self.admission(caller.scope, caller.sends.get, caller.hear)
        return caller

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """One request is at work for the body of an `async with`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.ask(Caller().sent()))
            await eventually(self.is_busy)
            yield
            self.slow.end.set()

    async def is_busy(self) -> bool:
        return self.slow.begun == 1

    async def has_a_line(self) -> bool:
        return any(self.gate.waiting(rank) for rank in Rank)


@pytest.mark.parametrize(
    ("method", "path", "rank"),
    [
        ("POST", WEBHOOK, Rank.WEBHOOK),
        ("POST", CHECKOUT, Rank.MONEY),
        ("DELETE", "/api/purchases/1", Rank.MONEY),
        ("POST", "/api/purchases/refund", Rank.MONEY),
        ("PATCH", "/api/admin/programs/choir", Rank.MONEY),
        ("GET", "/api/purchases/verify-session/cs_1", Rank.MONEY),
        ("GET", LOOK, Rank.LOOK),
        ("HEAD", LOOK, Rank.LOOK),
        ("GET", "/nowhere", Rank.LOOK),
        ("GET", "/api/system/locks", Rank.LOOK),
        ("GET", WEBHOOK, Rank.LOOK),
        ("POST", "/api/webhooks/else", Rank.MONEY),
        ("GET", "/api/system/health", None),
        ("GET", "/api/system/ready", None),
        ("GET", "/api/system/metrics", None),
        ("OPTIONS", CHECKOUT, None),
    ],
)
def test_each_request_has_its_rank(method: str, path: str, rank: Rank | None) -> None:
    assert rank_of({"method": method, "path": path}) is rank


async def test_one_more_than_may_wait_is_answered_at_once() -> None:
    door = Door()
    async with door.busy(), asyncio.TaskGroup() as group:
        group.create_task(door.ask(waiting := Caller().sent()))
        await eventually(door.has_a_line)
        late = await door.ask(Caller())
        assert late.status == 503
        assert b'"code":"overloaded"' in late.heard[1]["body"]
        assert waiting.status is None
        door.slow.end.set()

    assert waiting.status == 200
    assert door.metrics.shed == {("requests", Rank.LOOK): 1}
    assert door.metrics.waits == {("requests", Rank.LOOK, "served"): 1}
    assert door.metrics.waiting == {("requests", Rank.LOOK): 0}


async def test_nobody_reads_what_is_sent_by_who_is_sent_away() -> None:
    door = Door(room=Room(at_work=1, spare=0, waiting=0, patience=60))
    async with door.busy():
        caller = Caller(method="POST", path=CHECKOUT).sent(b"a body")
        await door.ask(caller)

        assert caller.status == 503
        assert not caller.sends.empty()


async def test_those_who_are_sent_away_together_come_back_apart() -> None:
    door = Door(room=Room(at_work=1, spare=0, waiting=0, patience=60))
    async with door.busy():
        answers = [await door.ask(Caller()) for _ in range(5)]

    assert [it.headers["retry-after"] for it in answers] == ["1", "2", "3", "4", "1"]


async def test_who_still_sends_takes_no_place_from_who_has_sent() -> None:
    door = Door()
    door.slow.end.set()
    slow = Caller(method="POST", path=CHECKOUT).sent(b"half", more=True)
    async with asyncio.TaskGroup() as group:
        group.create_task(door.ask(slow))
        quick = await door.ask(Caller(method="POST", path=CHECKOUT).sent(b"whole"))
        assert (quick.status, slow.status) == (200, None)
        slow.sent(b" and half")

    assert slow.status == 200
    assert door.slow.bodies == [b"whole", b"half"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_never_sends_takes_no_place_and_is_told_so(method: str) -> None:
    door = Door(hands=Hands(patience=0.01))
    door.slow.end.set()
    async with door.busy():
        silent = await door.ask(Caller(method=method, path=CHECKOUT))

    assert silent.status == 400
    assert b"did not come in time" in silent.heard[1]["body"]
    assert door.slow.begun == 1
    assert (door.gate.at_work(Rank.LOOK), door.gate.at_work(Rank.MONEY)) == (0, 0)


async def test_a_silent_sender_holds_no_place_once_the_house_is_empty() -> None:
    """Who is in line has sent everything, so who is called can begin at once."""
    door = Door()
    async with asyncio.TaskGroup() as group:
        async with door.busy():
            silent = group.create_task(door.ask(Caller(method="GET")))
        quick = await door.ask(Caller().sent())
        assert quick.status == 200
        silent.cancel()


async def test_bodies_that_wait_take_only_so_much_memory() -> None:
    door = Door(hands=Hands(most=10))
    door.slow.end.set()
    slow = Caller(method="POST", path=CHECKOUT).sent(b"eight by", more=True)
    async with asyncio.TaskGroup() as group:
        group.create_task(door.ask(slow))
        await eventually(lambda: is_holding(door, 8))
        late = await door.ask(Caller(method="POST", path=CHECKOUT).sent(b"four"))
        assert late.status == 503
        assert door.hands.held == 8
        slow.sent(b"te")

    assert slow.status == 200
    assert door.hands.held == 0


async def is_holding(door: Door, size: int) -> bool:
    return door.hands.held == size


async def test_who_hangs_up_leaves_the_line() -> None:
    door = Door()
    async with door.busy():
        caller = Caller(method="POST", path=CHECKOUT).sent(b"{}")
        asking = asyncio.create_task(door.ask(caller))
        await eventually(door.has_a_line)
        caller.hang_up()
        await asking

        assert not await door.has_a_line()
        assert caller.heard == []
    assert door.slow.begun == 1
    assert door.metrics.waits == {("requests", Rank.MONEY, "gone"): 1}


async def test_a_request_that_is_cut_off_leaves_the_line() -> None:
    door = Door()
    async with door.busy():
        asking = asyncio.create_task(door.ask(Caller().sent()))
        await eventually(door.has_a_line)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

        assert not await door.has_a_line()
    assert len(asyncio.all_tasks()) == 1, "nobody listens for who left"


async def test_who_has_waited_long_enough_is_told_to_come_back() -> None:
    door = Door(room=Room(at_work=1, spare=0, waiting=1, patience=0.01))
    async with door.busy():
        caller = await door.ask(Caller().sent())

        assert caller.status == 503
        assert "retry-after" in caller.headers
    assert door.metrics.waits == {("requests", Rank.LOOK, "late"): 1}
    assert door.gate.at_work(Rank.LOOK) == 0


async def test_a_place_is_given_back_by_what_breaks() -> None:
    door = Door()

    async def broken(*_: Any) -> None:
        raise ZeroDivisionError

    door.admission.app = broken
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await door.ask(Caller().sent())
    assert door.gate.at_work(Rank.LOOK) == 0


async def test_who_runs_the_service_is_let_in_always() -> None:
    door = Door(room=Room(at_work=1, spare=0, waiting=0, patience=60))
    async with door.busy(), asyncio.TaskGroup() as group:
        group.create_task(door.ask(probe := Caller(path="/api/system/ready").sent()))
        door.slow.end.set()

    assert probe.status == 200


async def test_a_crowd_does_not_fill_the_log() -> None:
    door = Door(room=Room(at_work=1, spare=0, waiting=0, patience=60))
    with capture_logs() as lines:
        async with door.busy():
            for _ in range(100):
                await door.ask(Caller())

    assert [line["event"] for line in lines] == ["overloaded"]
    assert door.metrics.shed == {("requests", Rank.LOOK): 100}


@pytest.mark.parametrize(
    ("origin", "may"), [(ORIGIN, True), ("https://evil.example", False)]
)
async def test_the_pages_that_may_read_answers_may_read_this_one(
    origin: str, *, may: bool
) -> None:
    room = Room(at_work=1, spare=0, waiting=0, patience=60)
    door = Door(room=room, cors=CORSConfig(allow_origins=[ORIGIN]))
    async with door.busy():
        caller = await door.ask(Caller(origin=origin))

    assert (caller.headers.get("access-control-allow-origin") == origin) is may
