"""How often one buyer, or one address, may ask for what is costly."""

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from math import ceil
from time import monotonic
from typing import Any, Final

import limits
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from entrypoints.http.refusals import RateLimited
from entrypoints.settings import Environment, Settings

RATE_LIMITS: Final = "rate_limits"  # the name under which a route declares its limits


class Limit(StrEnum):
    CHECKOUT = "checkout"
    CANCEL = "cancel"
    WEBHOOK = "webhook"
    ADDRESS = "address"


class MovingWindow:
    """So many in any stretch of time, for each key, in this process.

    `limits` brings the notation only: its asynchronous memory storage starts a task and
    a thread call per key on each request.  Hits that are over are forgotten, so memory
    is bounded by the requests of one stretch, however many the rate allows.
    """

    def __init__(self, rate: str, *, now: Callable[[], float] = monotonic) -> None:
        parsed = limits.parse(rate)
        self._amount = parsed.amount
        self._seconds = float(parsed.get_expiry())
        self._now = now
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many hits are remembered, of all keys."""
        return sum(map(len, self._hits.values()))

    def hit(self, key: str) -> int:
        """Count a request; 0 lets it in, else the whole seconds to wait."""
        since = self._now() - self._seconds
        self._forget(since)
        hits = self._hits.setdefault(key, deque())
        while hits and hits[0] <= since:
            hits.popleft()
        if len(hits) == self._amount:
            return max(1, ceil(hits[0] - since))
        hits.append(since + self._seconds)
        self._hits.move_to_end(key)
        return 0

    def _forget(self, since: float) -> None:
        while self._hits:
            key, hits = next(iter(self._hits.items()))
            if hits and hits[-1] > since:
                return
            del self._hits[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """A guard for the whole app: routes say by name which limits they are under."""

    windows: Mapping[Limit, MovingWindow]
    spares_loopback: bool

    @classmethod
    def of(cls, settings: Settings) -> "RateLimits":
        rates = {
            Limit.CHECKOUT: settings.rate_limit_checkout,
            Limit.CANCEL: settings.rate_limit_cancel,
            Limit.WEBHOOK: settings.rate_limit_webhook,
            Limit.ADDRESS: settings.rate_limit_address,
        }
        return cls(
            windows={limit: MovingWindow(rate) for limit, rate in rates.items()},
            spares_loopback=settings.app_env is Environment.DEVELOPMENT,
        )

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        """Let the request pass.

        Raises:
            RateLimited: come back later.
        """
        for limit in handler.opt.get(RATE_LIMITS, ()):
            key = self._key(limit, connection)
            wait = self.windows[limit].hit(key) if key else 0
            if wait:
                raise RateLimited(retry_after=wait)

    def _key(
        self, limit: Limit, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> str | None:
        if limit in {Limit.CHECKOUT, Limit.CANCEL}:
            return str(connection.user.id)
        address = connection.client.host if connection.client else ""
        is_spared = limit is Limit.ADDRESS and self.spares_loopback
        return None if is_spared and is_loopback(address) else address or "unknown"


def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
