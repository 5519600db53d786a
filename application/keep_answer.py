"""A request that its caller named was answered."""

from dataclasses import dataclass
from typing import Final

from application.claim_key import Claim
from application.ports.clock import Clock
from application.ports.idempotency import IdempotencyKeys, KeptAnswer

FAILURES: Final = 500  # and above: nothing is decided, so the request may be repeated
NOT_YET: Final = 429  # says when to come again, and it is the same request then


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAnswer:
    """Keep an answer for whoever repeats the request, or free the key if none is final.

    Whoever dies before this leaves a lease that ends by itself.
    """

    clock: Clock
    keys: IdempotencyKeys

    async def __call__(self, claim: Claim, answer: KeptAnswer) -> None:
        """Keep it.

        Raises:
            StorageUnavailable: it may not be kept; a repeat does the work again.
        """
        if answer.status < FAILURES and answer.status != NOT_YET:
            await self.keys.keep(claim.id, answer, until=claim.until)
            return
        await self.keys.release(claim.id, until=claim.until, at=self.clock.now())
