"""The door of the service: beyond what it can do well it says no, at once.

Who waits costs a place in a line, and who works costs a part of everybody's time.  So
few work at once, some wait, and the rest is told when to come back (docs/adr/0030).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from time import monotonic
from typing import Any, Final

import msgspec
import structlog
from litestar.config.cors import CORSConfig
from litestar.datastructures import Headers
from litestar.types import ASGIApp, Receive, Send

from application.ports.metrics import Metrics
from entrypoints.http.bodies import BODY_MAX, WEBHOOK_BODY_MAX
from entrypoints.http.gate import Gate, Place, Rank, rooms_of
from entrypoints.http.parcels import Hands, HandsFull, Parcel
from entrypoints.http.problems import MEDIA_TYPE, problem_of
from entrypoints.http.refusals import InvalidRequest, Overloaded, Refusal
from entrypoints.http.request_ids import request_id_of
from entrypoints.http.request_log import be_brief
from entrypoints.settings import Settings

LINE: Final = "requests"  # the name of the line in the figures
WEBHOOK: Final = "/api/webhooks/stripe"
VERIFY: Final = "/api/purchases/verify-session/"
# Who runs the service must see it, most of all now; and no browser tells its page what
# a preflight was answered.
NEVER_SHED: Final = frozenset(
    {"/api/system/health", "/api/system/ready", "/api/system/metrics"}
)
LOOKING: Final = frozenset({"GET", "HEAD"})
BODY_MAXIMA: Final[Mapping[Rank, int]] = {
    Rank.WEBHOOK: WEBHOOK_BODY_MAX,
    Rank.MONEY: BODY_MAX,
    Rank.LOOK: BODY_MAX,
}
TOO_SLOW: Final = "The body did not come in time."
SERVED: Final = "served"
LATE: Final = "late"  # its patience was over first
GONE: Final = "gone"  # so was its caller's
TELL_EVERY: Final = 10.0  # seconds
# Those who were sent away together should not come back together.
COME_BACK_AFTER: Final = (1, 2, 3, 4)

log = structlog.get_logger(__name__)


def rank_of(scope: Any) -> Rank | None:
    """Say how urgent a request is; None: it is let through in any case.

    Who comes back from paying changes what they look at, and waits for it.
    """
    path, method = scope["path"], scope["method"]
    if path in NEVER_SHED or method == "OPTIONS":
        return None
    if path == WEBHOOK and method == "POST":  # nobody else has its places, or its room
        return Rank.WEBHOOK
    if method in LOOKING and not path.startswith(VERIFY):
        return Rank.LOOK
    return Rank.MONEY


@dataclass(slots=True, kw_only=True)
class Admission:
    """Lets requests in as the gate says, and answers those that must not come in.

    Who still sends its body takes no place: a place is for work, and a slow sender
    would hold it for nothing.  Neither may it take for ever, nor all memory.
    """

    app: ASGIApp
    gate: Gate
    metrics: Callable[[], Metrics]
    refuser: "Refuser"
    hands: Hands = field(default_factory=Hands)
    _shed: Counter[Rank] = field(default_factory=Counter)
    _told_at: float = float("-inf")

    @classmethod
    def before(
        cls,
        app: ASGIApp,
        settings: Settings,
        *,
        cors: CORSConfig | None,
        metrics: Callable[[], Metrics],
    ) -> "Admission":
        """Put the door before `app`.

        `cors`: see `Refuser`.
        """
        most = settings.requests_at_work
        rooms = rooms_of(most, waiting=settings.requests_waiting)
        return cls(
            app=app, gate=Gate(most, rooms), metrics=metrics, refuser=Refuser(cors=cors)
        )

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        rank = rank_of(scope) if scope["type"] == "http" else None
        if rank is None:
            await self.app(scope, receive, send)
        elif self.gate.is_shut(rank):
            await self._send_away(rank, scope, send)
        else:
            await self._let_in(rank, scope, receive, send)

    async def _let_in(
        self, rank: Rank, scope: Any, receive: Receive, send: Send
    ) -> None:
        parcel = Parcel(self.hands, receive, BODY_MAXIMA[rank])
        try:
            if _is_worth_reading(scope, rank):
                await parcel.come()
        except HandsFull:
            await self._send_away(rank, scope, send)
        except TimeoutError:
            await self.refuser.say(InvalidRequest(TOO_SLOW), scope, send)
        else:
            await self._in_turn(rank, scope, parcel, send)
        finally:
            parcel.let_go()

    async def _in_turn(
        self, rank: Rank, scope: Any, parcel: Parcel, send: Send
    ) -> None:
        place = self.gate.arrive(rank)
        is_for_nobody = False
        if place is not None:
            is_for_nobody = await self._at_place(place, scope, parcel, send)
        if not is_for_nobody:
            await self._send_away(rank, scope, send)

    async def _at_place(
        self, place: Place, scope: Any, parcel: Parcel, send: Send
    ) -> bool:
        """Work, now or when called; say whether there is nothing left to answer."""
        is_gone = False
        try:
            if not place.is_at_work:
                is_gone = await self._waited(place, parcel.receive)
            if place.is_at_work:
                await self.app(scope, parcel, send)
        finally:
            self.gate.leave(place)
            if place.came_at != place.since:
                self._show_line(place.rank)
        return place.is_at_work or is_gone

    async def _waited(self, place: Place, receive: Receive) -> bool:
        """Wait to be called, as long as that makes sense; say whether the caller left.

        Whatever it was, `place` says whether the turn has come.
        """
        called = asyncio.Event()
        place.call = called.set
        self._show_line(place.rank)
        gone = asyncio.ensure_future(_hung_up(receive))
        gone.add_done_callback(lambda _: called.set())
        try:
            async with asyncio.timeout(self.gate.patience(place.rank)):
                await called.wait()
        except TimeoutError:
            pass
        finally:
            is_gone = gone.done()
            gone.cancel()
            self._note_wait(place, is_gone=is_gone)
        return is_gone

    def _note_wait(self, place: Place, *, is_gone: bool) -> None:
        outcome = SERVED if place.is_at_work else GONE if is_gone else LATE
        took = timedelta(seconds=self.gate.waited(place))
        self.metrics().time_wait(line=LINE, rank=place.rank, outcome=outcome, took=took)
        self._show_line(place.rank)

    def _show_line(self, rank: Rank) -> None:
        self.metrics().show_waiting(self.gate.waiting(rank), line=LINE, rank=rank)

    async def _send_away(self, rank: Rank, scope: Any, send: Send) -> None:
        """Answer at once; it is counted each time, and told now and then."""
        be_brief(scope)
        self.metrics().count_shed(line=LINE, rank=rank)
        self._shed[rank] += 1
        now = monotonic()
        if now - self._told_at >= TELL_EVERY:
            self._told_at = now
            log.warning("overloaded", shed={**self._shed})
            self._shed.clear()
        await self.refuser.send_back(scope, send)


def _is_worth_reading(scope: Any, rank: Rank) -> bool:
    """Say no of a body that is announced too long: it is refused without being read."""
    announced = Headers.from_scope(scope).get("content-length", "0")
    return not announced.isdecimal() or int(announced) <= BODY_MAXIMA[rank]


async def _hung_up(receive: Receive) -> None:
    """Return when the caller has; what still comes of a body is too much of it."""
    while (await receive())["type"] != "http.disconnect":
        pass


@dataclass(slots=True, kw_only=True)
class Refuser:
    """Refuses without asking anybody.

    `cors`: who may read answers in a browser may read this one too.
    """

    cors: CORSConfig | None
    _after: Iterator[int] = field(default_factory=lambda: cycle(COME_BACK_AFTER))

    async def send_back(self, scope: Any, send: Send) -> None:
        """Say that this is not the moment, and when to come again."""
        await self.say(Overloaded(), scope, send, retry_after=next(self._after))

    async def say(
        self,
        refusal: Refusal,
        scope: Any,
        send: Send,
        *,
        retry_after: int | None = None,
    ) -> None:
        """Answer a refusal; `retry_after`: in how many seconds to come back."""
        problem = problem_of(
            refusal, instance=scope["path"], request_id=request_id_of(scope)
        )
        body = msgspec.json.encode(problem)
        headers = {
            "content-type": MEDIA_TYPE,
            "content-length": str(len(body)),
            **({"retry-after": str(retry_after)} if retry_after else {}),
            **self._cross_origin(scope),
        }
        await send(
            {
                "type": "http.response.start",
                "status": problem.status,
                "headers": [
                    (name.lower().encode(), value.encode())
                    for name, value in headers.items()
                ],
            }
        )
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _cross_origin(self, scope: Any) -> dict[str, str]:
        """Return what lets the page that asked read the answer."""
        if self.cors is None:
            return {}
        origin = Headers.from_scope(scope).get("origin", "")
        if not self.cors.is_origin_allowed(origin):
            return {}
        allowed = {"access-control-allow-origin": origin, "vary": "Origin"}
        return {**self.cors.simple_headers, **allowed}
