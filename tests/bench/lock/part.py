"""The part `lock` of the bench: ours beside others, npm async-lock run before each."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from tests.bench.figures import AtLeast, AtMost, Figure, short
from tests.bench.lock import node_peer
from tests.bench.lock.cases import Case, cases
from tests.bench.lock.contenders import Contender
from tests.bench.lock.measures import Measure
from tests.bench.lock.runs import Run, run_of
from tests.bench.options import Options
from tests.servers.redis import redis_server

PART: Final = "lock"
WARMED_UP: Final = (
    "V8 compiles within some thousand turns, CPython 3.11 never does; a service that"
    " has just started is the case above."
)
WITHOUT: Final = {
    Contender.RAW: "one lock for all keys: a floor, no keyed lock",
    Contender.REDIS: "fewer turns, at most 100 waiters; the server's CPU is not in it",
    Contender.OURS_ON_REDIS: "as redis-py, behind the line in memory",
}
Pair = tuple[Run, Run]  # ours or another's, and the peer right before it


async def lock(options: Options) -> Sequence[Figure]:
    """Measure every case in each round, so that neighbours disturb all alike."""
    if not node_peer.is_here():
        return [no_peer()]
    await asyncio.to_thread(node_peer.install)
    async with _redis() as url:
        all_cases = list(cases(is_short=options.is_short, has_redis=url is not None))
        rounds: dict[Case, list[Pair]] = {case: [] for case in all_cases}
        for _ in range(options.rounds):
            for case in all_cases:
                rounds[case].append(await _pair(case, url or ""))
    return figures(rounds)


def no_peer() -> Figure:
    note = "Node.js or npm is not on this machine, so there is nothing to hold it to."
    return Figure.of(PART, "ratios measured", 0, target=AtLeast(1), note=note)


@asynccontextmanager
async def _redis() -> AsyncIterator[str | None]:
    if shutil.which("redis-server") is None:
        yield None
        return
    async with redis_server() as server:
        yield server.url


async def _pair(case: Case, redis_url: str) -> Pair:
    peer = await node_peer.measured(
        case.measure, case.peer_count, is_armed=case.is_armed, warm_up=case.warm_up
    )
    return await run_of(case.command(redis_url=redis_url)), peer


def figures(rounds: dict[Case, list[Pair]]) -> list[Figure]:
    """Return the ratios of CPU time, and what each lock leaves behind."""
    ratios = [ratio(case, pairs) for case, pairs in rounds.items()]
    return ratios + [
        figure
        for case, pairs in rounds.items()
        if case.measure is Measure.CHURN and case.is_armed
        for figure in left_behind(case, pairs)
    ]


def ratio(case: Case, pairs: Sequence[Pair]) -> Figure:
    """Return how much of async-lock's work is done in a second of CPU, per round."""
    wall = sorted(ours.wall_against(peer) for ours, peer in pairs)
    notes = [f"on the clock {short(wall[0])} to {short(wall[-1])}"]
    notes += [WITHOUT[case.contender]] if case.contender in WITHOUT else []
    notes += [WARMED_UP] if case.is_warm else []
    return Figure.of(
        PART,
        f"{case.name}: CPU against async-lock",
        [ours.cpu_against(peer) for ours, peer in pairs],
        "x",
        target=case.target,
        note="; ".join(notes),
    )


def left_behind(case: Case, pairs: Sequence[Pair]) -> list[Figure]:
    """Return what is remembered of 100,000 keys that nobody uses any longer."""
    runs = [run for run, _ in pairs]
    if case.contender.is_remote:
        return []  # what Redis remembers lapses
    is_ours = case.contender is Contender.OURS
    entries = Figure.of(
        PART,
        f"{case.contender}: entries left behind by the churn",
        [run.entries for run in runs],
        target=AtMost(0) if is_ours else None,
    )
    kib = [run.left for run in runs]
    memory = f"{case.contender}: memory left behind by the churn"
    return [entries, Figure.of(PART, memory, kib, "KiB")]
