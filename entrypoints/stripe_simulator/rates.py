"""How many requests Stripe takes: https://docs.stripe.com/rate-limits."""

from collections import deque
from time import monotonic
from typing import Final

from entrypoints.stripe_simulator.refusals import Refusal

SECOND: Final = 1.0


class Rate:
    """Refuses what comes beyond so many in any second; 0: refuses nothing.

    What is refused does not count; else nobody who asks again would ever get through.
    """

    def __init__(self) -> None:
        self.per_second = 0
        self._taken: deque[float] = deque()

    def take(self) -> None:
        """Take one more.

        Raises:
            Refusal: it is too many.
        """
        now = monotonic()
        while self._taken and self._taken[0] <= now - SECOND:
            self._taken.popleft()
        if self.per_second and len(self._taken) >= self.per_second:
            raise Refusal("Request rate limit exceeded.", status=429, code="rate_limit")
        self._taken.append(now)
