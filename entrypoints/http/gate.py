"""Who may come in now, who waits, and who is sent away, when too many ask at once."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import Final

LEARNING: Final = 0.1  # how much the last request changes what is thought of all


class Rank(StrEnum):
    """What a request is about, the most urgent first."""

    WEBHOOK = "webhook"
    MONEY = "money"
    LOOK = "look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the requests of one rank may take up.

    Args:
        at_work: how many of them may be at work at once.
        spare: how many places they leave free for those above them.
        waiting: how many may wait.
        patience: how many seconds one may wait.
    """

    at_work: int
    spare: int
    waiting: int
    patience: float


def rooms_of(at_work: int, *, waiting: int) -> dict[Rank, Room]:
    """Share out `at_work` places, and let `waiting` of each rank wait for one.

    An eighth is for webhooks alone: what is paid is recorded, however many ask for
    more.  Another eighth is not for money, so that the shop can be looked at while
    Stripe keeps every checkout waiting.  Stripe gives a webhook ten seconds and more, a
    buyer waits for a payment page, and who looks asks again at once.
    """
    eighth = max(1, at_work // 8)
    shares = {
        Rank.WEBHOOK: (at_work, 0, 8.0),
        Rank.MONEY: (at_work - 2 * eighth, eighth, 4.0),
        Rank.LOOK: (at_work - eighth, eighth, 2.0),
    }
    return {
        rank: Room(at_work=most, spare=spare, waiting=waiting, patience=patience)
        for rank, (most, spare, patience) in shares.items()
    }


class Place:
    """A request that is at work or waits; `call` is called when its turn has come."""

    __slots__ = ("call", "came_at", "rank", "since")

    def __init__(self, rank: Rank, came_at: float) -> None:
        self.rank = rank
        self.came_at = came_at
        self.since: float | None = None  # when it began to work
        self.call: Callable[[], object] = _nobody

    @property
    def is_at_work(self) -> bool:
        return self.since is not None


def _nobody() -> None:
    """Is called before anybody waits."""


class Gate:
    """Lets a bounded number of requests work, and a bounded number of others wait.

    A place that gets free goes to the highest rank that waits and has room, and there
    to who came first.  Who would wait longer than its rank has patience for is sent
    away at once: that is foreseen from how long the last ones worked.

    It knows neither requests nor tasks; one loop calls it, and nothing here waits.

    Args:
        at_work: how many may be at work, of all ranks together.
        rooms: what each rank may take up of that.
        now: a clock that nobody sets, in seconds.
    """

    def __init__(
        self,
        at_work: int,
        rooms: Mapping[Rank, Room],
        *,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._most = at_work
        self._rooms = rooms
        self._now = now
        self._busy = 0
        self._at_work = dict.fromkeys(Rank, 0)
        self._lines = {rank: OrderedDict[Place, None]() for rank in Rank}
        self._work = dict.fromkeys(Rank, 0.0)  # seconds that one takes, lately

    def patience(self, rank: Rank) -> float:
        return self._rooms[rank].patience

    def waited(self, place: Place) -> float:
        """Return how many seconds it stood in the line, up to now or to its turn."""
        until = self._now() if place.since is None else place.since
        return until - place.came_at

    def at_work(self, rank: Rank) -> int:
        return self._at_work[rank]

    def waiting(self, rank: Rank) -> int:
        return len(self._lines[rank])

    def is_shut(self, rank: Rank) -> bool:
        """Say whether whoever came now would be sent away."""
        if self._has_room(rank):
            return False
        room = self._rooms[rank]
        is_full = len(self._lines[rank]) >= room.waiting
        return is_full or self._foreseen(rank) > room.patience

    def arrive(self, rank: Rank) -> Place | None:
        """Give a place at work or in the line; `leave` must follow.  None: go away."""
        place = Place(rank, self._now())
        if self._has_room(rank):
            self._begin(place, place.came_at)
        elif self.is_shut(rank):
            return None
        else:
            self._lines[rank][place] = None
        return place

    def leave(self, place: Place) -> None:
        """Take a place back, from work or from the line; once for each."""
        if place.since is None:
            del self._lines[place.rank][place]
            return
        now = self._now()
        took = now - place.since
        self._busy -= 1
        self._at_work[place.rank] -= 1
        self._work[place.rank] += (took - self._work[place.rank]) * LEARNING
        self._call_next(now)

    def _has_room(self, rank: Rank) -> bool:
        """Say so of who comes now; who waits would have been called."""
        room = self._rooms[rank]
        free = self._most - self._busy
        return free > room.spare and self._at_work[rank] < room.at_work

    def _begin(self, place: Place, now: float) -> None:
        place.since = now
        self._busy += 1
        self._at_work[place.rank] += 1

    def _call_next(self, now: float) -> None:
        for rank, line in self._lines.items():
            while line and self._has_room(rank):
                place, _ = line.popitem(last=False)
                self._begin(place, now)
                place.call()

    def _foreseen(self, rank: Rank) -> float:
        """Return after how many seconds one more of this rank would begin."""
        ahead = 0.0
        for each, line in self._lines.items():
            is_held_back = self._at_work[each] >= self._rooms[each].at_work
            if each is rank or not is_held_back:
                ahead += len(line) * self._work[each]
            if each is rank:
                break
        room = self._rooms[rank]
        return ahead / min(room.at_work, self._most - room.spare)
