"""Bad luck for one visit in twenty: of the wire, of Stripe, or a client that leaves."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Final

from entrypoints.stripe_simulator.faults import Kind
from tests.processes.wire import Fault, Point, Wire
from tests.servers.stripe_simulator import RunningSimulator

SHARE: Final = 0.05
SLOW: Final = 0.5  # seconds
HOLE: Final = 2.0  # half of what the service bears, so that some requests survive it
REMEMBERED: Final = 50  # operations, of which the next to be struck is one
KINDS: Final[tuple[Kind, ...]] = (
    "delay",
    "status",
    "drop_before",
    "drop_after",
    "stall",
)
LEFT: Final = "client left"


@dataclass(kw_only=True)
class Weather:
    """Strikes by chance; `struck` counts what was sent down."""

    random: Random
    stripe: RunningSimulator
    wire: Wire
    share: float = SHARE
    struck: Counter[str] = field(default_factory=Counter)

    def is_bad(self) -> bool:
        return self.random.random() < self.share

    async def strike(self) -> bool:
        """Spoil what comes next; return whether the client itself shall leave."""
        spoil = self.random.choice((self._spoil_wire, self._spoil_stripe, None))
        if spoil is None:
            self.struck[LEFT] += 1
            return True
        self.struck[await spoil()] += 1
        return False

    async def _spoil_wire(self) -> str:
        names = self.wire.seen[-REMEMBERED:]
        self.wire.seen.clear()
        if not names:
            return await self._spoil_stripe()
        fault = self.random.choice(list(Fault))
        self.wire.arm(Point(self.random.choice(names), 1), fault)
        return f"wire: {fault.name.lower()}"

    async def _spoil_stripe(self) -> str:
        kind = self.random.choice(KINDS)
        await self.stripe.fault(kind, count=1)
        return f"Stripe: {kind}"
