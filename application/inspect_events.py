"""Look for what the provider told us and we could not apply."""

from collections.abc import AsyncGenerator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from application.inspection import Scope
from application.ports.event_log import EventLog, HeldEvent
from domain.findings import Finding, FindingKind

LOOKED_AT_MAX: Final = 1_000
KINDS: Final = frozenset({FindingKind.QUARANTINED_EVENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectEvents:
    """Report the events that are held, unless they may yet be applied by themselves.

    Of the thousand oldest; whoever has more looks at those first.
    """

    event_log: EventLog

    @property
    def name(self) -> str:
        return "events"

    @property
    def kinds(self) -> AbstractSet[FindingKind]:
        return KINDS

    async def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Look at what is held, the oldest first.

        Raises:
            StorageUnavailable: the rest was not seen.
        """
        for held in await self.event_log.held(limit=LOOKED_AT_MAX):
            if not _is_young(held, scope):
                yield _finding(held)

    async def again(self, finding: Finding, scope: Scope) -> Finding | None:
        """Look at the one event.

        Raises:
            StorageUnavailable: it is not known.
        """
        held = await self.event_log.get(finding.subject)
        if held is None or _is_young(held, scope):
            return None
        return _finding(held)


def _is_young(held: HeldEvent, scope: Scope) -> bool:
    return held.is_tried and not scope.patience.is_over(held.first_seen)


def _finding(held: HeldEvent) -> Finding:
    event = held.event
    return Finding.of(
        FindingKind.QUARANTINED_EVENT,
        event.id,
        type=event.kind,
        object=event.object_id,
        payment_intent=event.payment_intent,
        purchase_id=event.purchase_id,
        why=held.why,
        state=held.state.value,
    )
