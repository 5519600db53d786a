"""What can change, as it is at one moment, and what has changed between two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from application.ports.event_log import EventState, HeldEvent
from domain.ids import ProgramId, PurchaseId
from domain.orphans import Orphan
from domain.purchase import Purchase
from entrypoints.rehearsal.purchases import about_purchase, amount_of

NOBODY: Final[frozenset[PurchaseId]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """All that was looked at; `events` are those that are held."""

    purchases: Mapping[PurchaseId, Purchase] = field(default_factory=dict)
    spots: Mapping[ProgramId, frozenset[PurchaseId]] = field(default_factory=dict)
    orphans: Mapping[str, Orphan] = field(default_factory=dict)
    events: Mapping[str, HeldEvent] = field(default_factory=dict)


def differences(before: Picture, after: Picture) -> Iterator[str]:
    """Say in a line each what is not as it was."""
    yield from _in_purchases(before, after)
    yield from _in_spots(before, after)
    yield from _in_orphans(before, after)
    yield from _in_events(before, after)


def _in_purchases(before: Picture, after: Picture) -> Iterator[str]:
    for purchase_id, purchase in after.purchases.items():
        for what in about_purchase(before.purchases.get(purchase_id), purchase):
            yield f"purchase {purchase_id}: {what}"


def _in_spots(before: Picture, after: Picture) -> Iterator[str]:
    for program_id, holders in after.spots.items():
        was = before.spots.get(program_id, NOBODY)
        for purchase_id in sorted(was - holders):
            yield f"program {program_id}: spot of purchase {purchase_id} released"
        for purchase_id in sorted(holders - was):
            yield f"program {program_id}: spot taken for purchase {purchase_id}"


def _in_orphans(before: Picture, after: Picture) -> Iterator[str]:
    for name, orphan in after.orphans.items():
        was = before.orphans.get(name)
        if was != orphan:
            yield f"payment {name}: {_about_orphan(was, orphan)}"


def _in_events(before: Picture, after: Picture) -> Iterator[str]:
    for name in sorted(before.events.keys() | after.events.keys()):
        was, held = before.events.get(name), after.events.get(name)
        for what in _about_event(was, held):
            yield f"event {name}: {what}"


def _about_orphan(was: Orphan | None, orphan: Orphan) -> str:
    session = orphan.session
    amount = amount_of(session.amount_total, session.currency)
    if was is None:
        return f"an orphan of {amount} recorded"
    if orphan.is_matched:
        return f"an orphan of {amount}: a purchase names it"
    return f"an orphan of {amount}: {was.money.state} → {orphan.money.state}"


def _about_event(was: HeldEvent | None, held: HeldEvent | None) -> Iterator[str]:
    if held is None:
        yield "no longer held"
    elif was is None or (was.why, was.state) != (held.why, held.state):
        state = "given up" if held.state is EventState.GIVEN_UP else "held"
        yield f"{state} ({held.why})"
