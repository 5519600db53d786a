"""A caller names a request, so that it is done once however often it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from application.errors import ApplicationError
from application.ports.clock import Clock
from application.ports.idempotency import IdempotencyKeys, KeptAnswer, KeptKey

LEASE: Final = timedelta(minutes=1)  # longer than any request takes
KEPT: Final = timedelta(hours=24)


class IdempotencyInProgress(ApplicationError):
    code = "idempotency_in_progress"

    def __init__(self) -> None:
        super().__init__("A request with this Idempotency-Key is still being answered.")


class IdempotencyKeyReused(ApplicationError):
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRequest:
    """A request and the name its caller gave it.

    `route` is the template that all requests of its kind share; `content` is what tells
    one of them from another: path, query and body.
    """

    caller: str
    route: str
    key: str
    content: bytes

    @property
    def id(self) -> str:
        """Name the key among all keys: nobody meets the key of another caller."""
        parts = (self.caller, self.route, self.key)
        return _digest(*(part.encode() for part in parts))

    @property
    def fingerprint(self) -> str:
        return _digest(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to answer a request, until `LEASE` is over.

    `name` is the same each time the same request is answered under the same key: what
    must exist once, such as a refund, takes its id from it (docs/adr/0024).
    """

    id: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimKey:
    """Let one of any number of equal requests through.

    https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header
    """

    clock: Clock
    keys: IdempotencyKeys

    async def __call__(self, request: NamedRequest) -> Claim | KeptAnswer:
        """Return the claim of the one who answers, or what was answered already.

        Raises:
            IdempotencyInProgress: another answers it just now; ask again.
            IdempotencyKeyReused: the key stands for another request, for a day.
            StorageUnavailable: nothing was done; ask again.
        """
        at = self.clock.now()
        claim = Claim(
            id=request.id,
            name=_digest(request.id.encode(), request.fingerprint.encode()),
            until=at + LEASE,
        )
        is_ours = await self.keys.begin(
            claim.id,
            fingerprint=request.fingerprint,
            at=at,
            until=claim.until,
            expires_at=at + KEPT,
        )
        if is_ours:
            return claim
        return await self._again(request, claim, await self.keys.find(claim.id))

    async def _again(
        self, request: NamedRequest, claim: Claim, known: KeptKey | None
    ) -> Claim | KeptAnswer:
        if known is None:  # forgotten in between
            raise IdempotencyInProgress
        if known.fingerprint != request.fingerprint:
            raise IdempotencyKeyReused
        if known.answer is not None:
            return known.answer
        is_over = known.until <= claim.until - LEASE
        if is_over and await self.keys.take_over(
            claim.id, since=known.until, until=claim.until
        ):
            return claim
        raise IdempotencyInProgress


def _digest(*parts: bytes) -> str:
    """Hash the parts, so that no two lists of parts are mistaken for each other."""
    whole = sha256()
    for part in parts:
        whole.update(sha256(part).digest())
    return whole.hexdigest()
