"""Say what the replay of an event would change."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.receive_event import EventOutcome
from entrypoints.rehearsal.rehearsal import Rehearsal
from entrypoints.use_cases import UseCases


@dataclass(frozen=True, slots=True)
class RehearseReplay:
    """Replay it over ports that only remember; each rehearsal begins anew."""

    real: UseCases

    async def __call__(self, event_id: str) -> tuple[EventOutcome, Sequence[str]]:
        """Return what would become of it, and in a line each what would change.

        Raises:
            ApplicationError: as `ReplayEvent` says; nothing was changed.
        """
        rehearsal = Rehearsal(self.real)
        outcome = await rehearsal.use_cases.quarantine().replay_event()(event_id)
        return outcome, rehearsal.changes()
