"""Parts of the outside that a test may break or hold while the service runs."""

import asyncio
from dataclasses import dataclass

from entrypoints.simulation.outside.gates import Gate, give_way


class FakeHealth:
    """Says what it is told to."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.hangs = False

    async def check(self) -> None:
        await asyncio.sleep(0)
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble is not None:
            raise self.trouble


@dataclass(kw_only=True)
class Gated:
    """A gate that a test may exchange while the service runs."""

    gate: Gate = give_way

    async def __call__(self, moment: str) -> None:
        await self.gate(moment)
