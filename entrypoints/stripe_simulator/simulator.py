"""The whole simulator, put together and taken apart."""

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from entrypoints.stripe_simulator.account import Account, JsonObject
from entrypoints.stripe_simulator.api import Api
from entrypoints.stripe_simulator.background import Background
from entrypoints.stripe_simulator.clock import Clock
from entrypoints.stripe_simulator.exchanges import Observer
from entrypoints.stripe_simulator.faults import Faults
from entrypoints.stripe_simulator.memory import recall, remember
from entrypoints.stripe_simulator.operations import all_operations
from entrypoints.stripe_simulator.sessions import (
    expire_what_is_due,
    seconds_to_next_expiry,
)
from entrypoints.stripe_simulator.webhooks import Webhooks

LONGEST_NAP = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """How a simulator is set up.

    Attributes:
        webhook_urls: Who is told about events, besides a connected `stripe listen`.
        webhook_secret: What events are signed with.
        retry_delays: The pauses before each further attempt at a webhook, in seconds.
        settling_seconds: How long a payment by a test IBAN takes to clear or fail.
        observer: Sees all traffic; the tests check it against Stripe's description.
        memory: The file that hands the account on to the next run; none forgets it.
    """

    webhook_urls: tuple[str, ...] = ()
    webhook_secret: str = "whsec_simulator"  # noqa: S105  a default that guards nothing
    retry_delays: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
    settling_seconds: float = 0.3
    observer: Observer | None = None
    memory: Path | None = None


class Simulator:
    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.clock = Clock()
        self.background = Background()
        self.faults = Faults()
        self.webhooks = Webhooks(
            config.webhook_urls,
            config.webhook_secret,
            config.retry_delays,
            self.background,
        )
        self.account = Account(
            self.clock,
            publish=self._publish,
            later=partial(self.background.later, config.settling_seconds),
        )
        operations = all_operations(self.account, self.webhooks)
        self.api = Api(self.account, operations, self.faults, config.observer)

    def start(self) -> None:
        if self.config.memory is not None:
            recall(self.account, self.api.keys, self.config.memory)
        self.background.start(self._expire_on_time())

    async def close(self) -> None:
        await self.background.close()
        await self.webhooks.close()
        if self.config.memory is not None:
            remember(self.account, self.api.keys, self.config.memory)

    def reset(self) -> None:
        """Forget everything, as if just started with the same configuration."""
        self.background.drop_timers()
        self.clock.offset = 0.0
        self.faults.pending.clear()
        self.account.reset()
        self.api.reset()
        self.webhooks.reset(self.config.webhook_urls, self.config.webhook_secret)

    def _publish(self, event: JsonObject) -> int:
        if self.config.observer is not None:
            self.config.observer.event(event)
        return self.webhooks.publish(event)

    async def _expire_on_time(self) -> None:
        """Close sessions when their time is up, even if nobody asks.

        It looks at least once a second, so that a clock that was pushed forward, or a
        session that was opened meanwhile, is noticed.
        """
        while True:
            expire_what_is_due(self.account)
            due = seconds_to_next_expiry(self.account)
            await asyncio.sleep(LONGEST_NAP if due is None else min(due, LONGEST_NAP))
