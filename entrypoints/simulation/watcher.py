"""Looks at the world after each effect, and remembers the first thing wrong."""

from collections.abc import Callable
from typing import Final

from domain.purchase import Purchase, Status
from domain.refunds import ExtraReason
from entrypoints.simulation.before import Before
from entrypoints.simulation.invariants import ALWAYS
from entrypoints.simulation.money_invariants import is_lost
from entrypoints.simulation.wire import CALL
from entrypoints.simulation.world import World

WRITES: Final = frozenset(
    f"after {call}"
    for call in (
        "mailer.send_confirmation",
        "mailer.send_notice",
        "orphans.record",
        "outbox.swap",
        "payments.create_refund",
        "payments.create_session",
        "payments.expire_session",
        "programs.release_spot",
        "programs.reserve_spot",
        "purchases.add",
        "purchases.change",
        "purchases.note_extra_payment",
        "purchases.note_processing",
        "purchases.swap_money",
    )
)


class Watcher:
    """Holds the world to the invariants."""

    def __init__(self, world: Callable[[], World]) -> None:
        self._world = world
        self._before = Before()
        self._disputed: dict[str, int] = {}  # since which step we know it
        self.complaint: str | None = None

    def __call__(self, moment: str) -> None:
        """Check everything, if the moment follows an effect."""
        if moment in WRITES and self.complaint is None:
            self.look(moment)

    def look(self, moment: str) -> None:
        world, old = self._world(), self._before
        rows = world.store.rows
        changed = [row for id_, row in rows.items() if row is not old.rows.get(id_)]
        before = Before(
            rows=old.rows, held=old.held, letters=old.letters, changed=tuple(changed)
        )
        for name, check in ALWAYS:
            complaint = check(world, before)
            if complaint is not None:
                self.complain(f"{name} {moment}: {complaint}")
                return
        self._count(world, moment, before)
        for row in changed:
            self._note_disputes(row)
        self._before = Before(
            rows=dict(rows) if changed else old.rows,
            held=world.held,
            letters=len(world.mailer.letters),
        )

    def sends(self, payment_intent: str) -> None:
        """I6: whoever began when the dispute was known sends no refund of it."""
        since = self._disputed.get(payment_intent)
        if since is not None and CALL.get().errand.began > since:
            self.complain(f"I6: a refund of {payment_intent}, which is disputed")

    def _note_disputes(self, row: Purchase) -> None:
        step = self._world().director.steps
        own = row.paid.payment_intent if row.paid else None
        for intent, dispute in (
            (own, row.dispute),
            *((each.payment_intent, each.dispute) for each in row.extra_payments),
        ):
            if intent and dispute is not None and dispute.forbids_refunds:
                self._disputed.setdefault(intent, step)
            elif intent:
                self._disputed.pop(intent, None)

    def complain(self, complaint: str) -> None:
        """Keep the first complaint: what follows from it explains nothing."""
        self.complaint = self.complaint or complaint

    def _count(self, world: World, moment: str, before: Before) -> None:
        if moment == "after purchases.change" and not before.changed:
            world.director.note("write too late")
        for row in before.changed:
            old = before.rows.get(row.id)
            if old is None or old.status is not row.status:
                world.director.note(f"became {row.status}")
                if row.status is Status.REFUNDED and is_lost(row):
                    world.director.note("refunded by dispute")
            known = 0 if old is None else len(old.extra_payments)
            if any(e.reason is ExtraReason.LATE for e in row.extra_payments[known:]):
                world.director.note("late money")
