"""`python -m tests.bench.lock.worker`: one measure of one lock in a fresh process.

Prints one line of JSON, as `node/measure.mjs` does.
"""

import argparse
import asyncio
import gc
import json
import sys
import time
import tracemalloc
from dataclasses import asdict

import uvloop

from tests.bench.lock.contenders import Contender, Entrant, entered
from tests.bench.lock.measures import RUNS, WARM_UP, Measure
from tests.bench.lock.runs import Run

TRACED = 10_000  # turns whose memory is looked at, after those that are timed


def main() -> int:
    asked = arguments().parse_args()
    runner = asyncio.run if asked.plain_asyncio else uvloop.run
    run = runner(measured(asked))
    sys.stdout.write(json.dumps(asdict(run)) + "\n")
    return 0


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contender", type=Contender)
    parser.add_argument("measure", type=Measure)
    parser.add_argument("count", type=int)
    parser.add_argument("--warm-up", type=int, default=WARM_UP)
    parser.add_argument("--armed", action="store_true")
    parser.add_argument("--plain-asyncio", action="store_true")
    parser.add_argument("--redis-url", default="")
    return parser


async def measured(asked: argparse.Namespace) -> Run:
    run = RUNS[asked.measure]
    async with entered(
        asked.contender, is_armed=asked.armed, redis_url=asked.redis_url
    ) as entrant:
        await run(entrant.hold, asked.warm_up)
        gc.freeze()  # the modules of all the other locks are no load of this one
        wall, cpu = time.perf_counter(), time.process_time()
        await run(entrant.hold, asked.count)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        left = await left_behind(entrant, asked.measure, min(TRACED, asked.count))
        entries = 0 if entrant.entries is None else entrant.entries()
    return Run(cpu=cpu, wall=wall, count=asked.count, entries=entries, left=left)


async def left_behind(entrant: Entrant, measure: Measure, count: int) -> float:
    """Return how many KiB more are in use after so many turns than before them."""
    tracemalloc.start()
    await RUNS[measure](entrant.hold, count)  # what is kept for ever, is kept now
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    await RUNS[measure](entrant.hold, count)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / 1024


if __name__ == "__main__":
    sys.exit(main())
