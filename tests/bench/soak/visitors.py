"""Buyers as in the storms of `tests/processes`, readers and admins, and bad luck."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import httpx

from entrypoints.cli.tokens import Role
from tests.bench.soak.weather import Weather
from tests.processes.load import BUYERS, CHECKOUT, Crowd
from tests.servers.service import bearer

READS: Final = 0.3  # of the visits
LONGEST_STAY: Final = 0.1  # seconds, of a client that does not wait for its answer
MINE: Final = ("/api/programs", "/api/purchases/my-purchases")
ADMINS: Final = (
    "/api/admin/purchases",
    "/api/admin/purchases?search=buyer1",
    "/api/admin/findings",
    "/api/admin/purchases/stats",
)


@dataclass(kw_only=True)
class Visitors(Crowd):
    """`pause`: the seconds between two visits of one visitor."""

    weather: Weather
    pause: float

    async def _shop(self) -> None:
        while not self.is_leaving:
            if self.weather.is_bad() and await self.weather.strike():
                await self._leave()
            elif self.random.random() < READS:
                await self._read()
            else:
                await self.visit()
            self.ledger.visits += 1
            await asyncio.sleep(self.pause)

    async def _leave(self) -> None:
        """Ask for a page and hang up at some moment."""
        wanted = {"programId": self.random.choice(self.programs), "isClassRep": True}
        await self._ask_once(
            "POST",
            CHECKOUT,
            json=wanted,
            headers=bearer(self.random.choice(BUYERS)),
            timeout=self.random.uniform(0.001, LONGEST_STAY),
        )

    async def _read(self) -> None:
        is_admin = self.random.random() < 0.5
        who = "root" if is_admin else self.random.choice(BUYERS)
        headers = bearer(who, role=Role.ADMIN if is_admin else Role.USER)
        path = self.random.choice(ADMINS if is_admin else MINE)
        answer: Any = await self._ask_once("GET", path, headers=headers)
        if answer is not None and answer.status_code != httpx.codes.OK:
            self.ledger.surprises.append(f"{path}: {answer.status_code}")
