"""The provider tells us something in words that we cannot read."""

from dataclasses import dataclass

from application.match_payment import Mark, MatchPayment, Stranger
from application.ports.payment_events import PaymentEvent, UnreadableObject
from application.quarantine_event import QuarantineEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldUnreadable:
    """Hold it until some later version of us can read it, if it is ours."""

    app: str
    environment: str
    match: MatchPayment
    quarantine: QuarantineEvent

    async def __call__(self, event: PaymentEvent, found: UnreadableObject) -> bool:
        """Say whether it is ours; then it is held.

        Raises:
            LivemodeMismatch: nothing was held.
            PaymentGatewayUnavailable: whose payment it is, is not known.
            StorageUnavailable: it is not known to be held.
        """
        if not await self._is_ours(found, by=event.id):
            return False
        await self.quarantine(event, why=f"unreadable: {found.why}")
        return True

    async def _is_ours(self, found: UnreadableObject, *, by: str) -> bool:
        """Go by the mark; what bears none is whose payment it is of."""
        if found.app is not None or found.payment_intent is None:
            return (found.app, found.environment) == (self.app, self.environment)
        owner = await self.match(found.payment_intent, Mark(), by=by)
        return owner is not Stranger.FOREIGN
