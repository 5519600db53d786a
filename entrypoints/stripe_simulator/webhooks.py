"""Tell the endpoints what happened: signed, again when they fail, oddly on demand."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import aiohttp

from entrypoints.stripe_simulator.account import API_VERSION, JsonObject
from entrypoints.stripe_simulator.background import Background

ATTEMPT_TIMEOUT = aiohttp.ClientTimeout(total=20)
SUCCESSES = range(200, 300)
# How long a reordering simulator waits for more events before it sends the last first.
REORDER_WINDOW = 0.5


def signature(payload: str, secret: str, timestamp: int) -> str:
    """Sign as Stripe does: HMAC-SHA256 over the time and the exact bytes."""
    signed = f"{timestamp}.{payload}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One attempt; status stays empty when the endpoint could not be reached."""

    event_id: str
    event_type: str
    url: str
    attempt: int
    status: int | None = None
    error: str | None = None


@dataclass(slots=True, kw_only=True)
class Habits:
    """How the simulator tells, changed at `/_simulator/webhooks`.

    `enabled_events`, `api_version` and `status` are those of every endpoint.
    """

    urls: list[str]
    secret: str
    enabled_events: list[str] = field(default_factory=lambda: ["*"])
    api_version: str | None = API_VERSION
    status: str = "enabled"
    duplicates: int = 0
    reorder: bool = False
    paused: bool = False

    def told_of(self, event: JsonObject) -> list[str]:
        """Return the endpoints that have asked for such an event."""
        wanted = {"*", event["type"]} & set(self.enabled_events)
        return list(self.urls) if wanted and self.status == "enabled" else []


class Listener(Protocol):
    """A `stripe listen` that is connected."""

    async def tell(self, payload: str, signature: str) -> bool: ...


class Webhooks:
    def __init__(
        self,
        urls: Iterable[str],
        secret: str,
        retry_delays: tuple[float, ...],
        background: Background,
    ) -> None:
        self.retry_delays = retry_delays
        self.background = background
        self.habits = Habits(urls=list(urls), secret=secret)
        self.listeners: set[Listener] = set()
        self.deliveries: list[Delivery] = []
        self.taken: set[tuple[str, str]] = set()
        self.held: list[JsonObject] = []
        self.sending: set[asyncio.Task[Any]] = set()
        self.http: aiohttp.ClientSession | None = None

    def publish(self, event: JsonObject) -> int:
        """Take an event and return how many endpoints it has to reach."""
        endpoints = len(self.habits.told_of(event)) + len(self.listeners)
        if not endpoints:
            return 0
        if self.habits.paused or self.habits.reorder:
            if not self.held and self.habits.reorder and not self.habits.paused:
                self.background.later(REORDER_WINDOW, self._release)
            self.held.append(event)
        else:
            self.send([event])
        return endpoints

    def send(self, events: list[JsonObject]) -> None:
        """Send the events, each begun when the one before has been taken."""
        task = self.background.start(self._send(events))
        self.sending.add(task)
        task.add_done_callback(self.sending.discard)

    def release(self) -> None:
        """Send what was held back; a reordering simulator sends the last first."""
        events, self.held = self.held, []
        if self.habits.reorder:
            events.reverse()
        if events:
            self.send(events)

    async def flush(self) -> None:
        """Send what was held back and wait until every attempt has ended."""
        self.release()
        while self.sending:
            await asyncio.wait(self.sending)

    def reset(self, urls: Iterable[str], secret: str) -> None:
        """Forget; attempts under way are called off."""
        for task in self.sending:
            task.cancel()
        self.habits = Habits(urls=list(urls), secret=secret)
        self.deliveries.clear()
        self.taken.clear()
        self.held.clear()

    async def close(self) -> None:
        if self.http is not None:
            await self.http.close()

    def _release(self) -> None:
        if not self.habits.paused:
            self.release()

    async def _send(self, events: list[JsonObject]) -> None:
        for event in events:
            copies = 1 + self.habits.duplicates
            urls = self.habits.told_of(event) * copies
            async with asyncio.TaskGroup() as group:
                for url in urls:
                    group.create_task(self._deliver(event, url))
                for listener in list(self.listeners):
                    group.create_task(self.tell(listener, event))

    async def _deliver(self, event: JsonObject, url: str) -> None:
        """Post until the endpoint says 2xx or the last retry is spent."""
        delays = [0.0, *self.retry_delays]
        for attempt, delay in enumerate(delays, start=1):
            await asyncio.sleep(delay)
            delivery = Delivery(
                event_id=event["id"],
                event_type=event["type"],
                url=url,
                attempt=attempt,
            )
            self.deliveries.append(delivery)
            if await self._post(event, delivery):
                self._acknowledge(event, url)
                return

    async def _post(self, event: JsonObject, delivery: Delivery) -> bool:
        payload = json.dumps(event, indent=2)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": self.sign(payload),
            "User-Agent": "Stripe/1.0 (simulator)",
        }
        if self.http is None:
            self.http = aiohttp.ClientSession(timeout=ATTEMPT_TIMEOUT)
        try:
            async with self.http.post(
                delivery.url, data=payload, headers=headers, allow_redirects=False
            ) as response:
                delivery.status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            delivery.error = repr(error)
        return delivery.status in SUCCESSES

    async def tell(self, listener: Listener, event: JsonObject) -> None:
        payload = json.dumps(event, indent=2)
        if await listener.tell(payload, self.sign(payload)):
            self._acknowledge(event, f"listener {id(listener)}")

    def sign(self, payload: str) -> str:
        """Sign with the real time: endpoints compare it with theirs."""
        return signature(payload, self.habits.secret, int(time.time()))

    def shown(self) -> list[JsonObject]:
        return [asdict(delivery) for delivery in self.deliveries]

    def _acknowledge(self, event: JsonObject, endpoint: str) -> None:
        """Count an endpoint once, however many copies it has taken."""
        if (event["id"], endpoint) not in self.taken:
            self.taken.add((event["id"], endpoint))
            event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
