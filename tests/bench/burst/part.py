"""The part `burst`: what nobody may be promised twice, asked for all at once.

Right or wrong is the verdict; how long it took is only for comparison.
"""

import json
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import stripe

from tests.bench.burst.asking import Answers, Asked, Send, all_at_once, sender_to
from tests.bench.figures import AtLeast, AtMost, Figure
from tests.bench.options import Options
from tests.bench.processes import cpu_seconds
from tests.bench.wires import NO_WAY, wired
from tests.examples import CHOIR, a_program
from tests.processes.fleet import WEBHOOK, Fleet, fleet_of
from tests.processes.load import CHECKOUT
from tests.servers.mongo import fresh_database, mongo_server
from tests.servers.service import WEBHOOK_SECRET, bearer

PART: Final = "burst"
SPOTS: Final = 10
SIZE: Final = 1_000
SIZE_SHORT: Final = 60
SOLD_OUT: Final = "class_rep_limit_reached"
PAID: Final = "/v1/events?type=checkout.session.completed&limit=1"


@dataclass(frozen=True, kw_only=True)
class Rush:
    """What all at once were told, and what it cost, of everything in the service.

    `done` is how many spots were taken, or how often the event had its effect.
    """

    answers: Answers
    done: int
    seconds: float = 0.0
    cpu: float = 0.0
    trips: int = 0


async def burst(options: Options) -> Sequence[Figure]:
    size = SIZE_SHORT if options.is_short else SIZE
    with (
        mongo_server() as uri,
        fresh_database(uri) as database,
        tempfile.TemporaryDirectory(prefix="spothold-burst-") as folder,
    ):
        async with Shop.opened(Path(folder), uri=uri, database=database) as shop:
            buyers, copies = await shop.buyers(size), await shop.copies(size)
    return [*figures_of_buyers(buyers, size), *figures_of_copies(copies, size)]


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One service process, the wire to its database, and a client without limits."""

    fleet: Fleet
    send: Send
    commands: list[str]

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, folder: Path, *, uri: str, database: str
    ) -> AsyncIterator["Shop"]:
        async with (
            wired(uri, uri, NO_WAY) as wires,
            fleet_of(
                1,
                folder,
                mongodb_uri=uri,
                database=database,
                MONGODB_URI=wires.mongodb_uri,
            ) as fleet,
            sender_to(fleet.next_url()) as send,
        ):
            await fleet.offer([a_program(class_rep_limit=SPOTS)])
            await fleet.stripe.webhooks(paused=True)
            yield cls(fleet=fleet, send=send, commands=wires.tally.commands)

    async def buyers(self, size: int) -> Rush:
        """Let so many want a spot at once."""
        wanted = json.dumps({"programId": CHOIR, "isClassRep": True}).encode()
        requests = [
            Asked(path=CHECKOUT, body=wanted, headers=bearer(f"buyer{number}"))
            for number in range(size)
        ]
        rush = await self._rush(requests)
        program = await self.fleet.database["programs"].find_one({"_id": CHOIR}) or {}
        spots = set(program["spots"])
        assert len(spots) == len(program["spots"]) == program["class_rep_count"]
        return replace(rush, done=len(spots))

    async def copies(self, size: int) -> Rush:
        """Let one of them pay, and tell of it so often at once."""
        row = await self.fleet.database["purchases"].find_one({"status": "pending"})
        assert row is not None
        await self.fleet.stripe.press(row["session"]["id"], "pay")
        _, found, _ = await self.fleet.stripe.call("GET", PAID)
        rush = await self._rush([self._telling(found["data"][0])] * size)
        after = await self.fleet.database["purchases"].find_one({"_id": row["_id"]})
        assert after is not None
        return replace(rush, done=[at["to"] for at in after["log"]].count("completed"))

    def _telling(self, event: Any) -> Asked:
        body = json.dumps(event)
        signed = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET)
        return Asked(
            path=WEBHOOK, body=body.encode(), headers={"Stripe-Signature": signed}
        )

    async def _rush(self, requests: Sequence[Asked]) -> Rush:
        pid = self.fleet.services[0].process.pid
        self.commands.clear()
        cpu, begun = cpu_seconds(pid), time.perf_counter()
        answers = await all_at_once(self.send, requests)
        return Rush(
            answers=answers,
            done=0,
            seconds=time.perf_counter() - begun,
            cpu=cpu_seconds(pid) - cpu,
            trips=len(self.commands),
        )


def figures_of_buyers(rush: Rush, size: int) -> Sequence[Figure]:
    refused = rush.answers.told[SOLD_OUT]
    return [
        *exactly(f"spots sold to {size:,} buyers", rush.done, SPOTS),
        *exactly("buyers led to a page", rush.answers.told["200"], SPOTS),
        *exactly("buyers told that it is sold out", refused, size - SPOTS),
        *costs_of(rush, "buyer", size),
    ]


def figures_of_copies(rush: Rush, size: int) -> Sequence[Figure]:
    return [
        *exactly(f"effects of {size:,} copies of an event", rush.done, 1),
        *exactly("copies answered with 200", rush.answers.told["200"], size),
        *costs_of(rush, "copy", size),
    ]


def exactly(name: str, number: int, wanted: int) -> Sequence[Figure]:
    """Promise a number: no more and no less."""
    return [
        Figure.of(PART, f"{name}, no more", number, target=AtMost(wanted)),
        Figure.of(PART, f"{name}, no less", number, target=AtLeast(wanted)),
    ]


def costs_of(rush: Rush, each: str, size: int) -> Sequence[Figure]:
    answers = rush.answers
    return [
        Figure.of(
            PART,
            f"answers that no {each} may get",
            len(answers.odd),
            target=AtMost(0),
            note="; ".join(answers.odd[:3]),
        ),
        Figure.of(PART, f"each {each} told to come later", answers.later / size),
        Figure.of(PART, f"until the last {each} is answered", rush.seconds, "s"),
        Figure.of(PART, f"CPU for each {each}", 1000 * rush.cpu / size, "ms"),
        Figure.of(PART, f"trips for each {each}", rush.trips / size),
    ]
