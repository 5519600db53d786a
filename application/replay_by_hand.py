"""An admin has an event applied that could not be."""

from dataclasses import dataclass

from application.ports.audit import AuditEntry, AuditLog
from application.ports.clock import Clock
from application.receive_event import EventOutcome
from application.replay_event import ReplayEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayCommand:
    """Which event, who asks, and why."""

    event_id: str
    admin: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayByHand:
    """Write down who asks and why, then replay it."""

    audit: AuditLog
    clock: Clock
    replay: ReplayEvent

    async def __call__(self, command: ReplayCommand) -> EventOutcome:
        """Say what became of it; see `ReplayEvent` for what it raises."""
        entry = AuditEntry(
            at=self.clock.now(),
            by=f"admin {command.admin}",
            what="replay_event",
            subject=f"event/{command.event_id}",
            why=command.reason,
        )
        await self.audit.note(entry)
        return await self.replay(command.event_id)
