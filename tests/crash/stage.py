"""One world in which a use case is struck, and the invariants that must survive it."""

from collections.abc import Collection, Mapping
from itertools import chain
from time import monotonic
from typing import Any, Final, cast

from domain.checkout import CheckoutSession, SessionStatus
from domain.ids import PurchaseId, SessionId
from entrypoints.simulation.before import Before
from entrypoints.simulation.invariants import ALWAYS, unsettled
from entrypoints.simulation.watcher import WRITES
from entrypoints.simulation.world import MortalLock
from entrypoints.simulation.world import World as SimulatedWorld
from tests.application.world import World
from tests.crash.gate import Blow, StrikingGate
from tests.examples import CHOIR

LOST_SESSION: Final = SessionId("cs_lost")  # its purchase is not in the database


class Violated(AssertionError):
    """Something does not hold that must hold always."""


class Stage:
    """The world, its gate, and the process that runs in it now."""

    def __init__(self) -> None:
        self.gate = StrikingGate(self._watch)
        self._lock = MortalLock(monotonic)
        self.world = World(gate=self.gate, lock=self._lock)
        self._scene = cast("SimulatedWorld", Scene(self.world))
        self._complaint: str | None = None
        self.begin(None)

    def begin(self, blow: Blow | None) -> None:
        """Go on from how the world is now; what was struck before counts no more."""
        self._before = self._as_it_is()
        self.gate.arm(blow)

    def end(self) -> None:
        """Leave nothing of a dead process; a living one must have let go by itself."""
        if self.gate.is_dead:
            self._lock.forget()
            self.world.service.programs_on_hand().forget_all()
            self.world.service.abandoned_lately().forget()
        if self._lock.statistics().active:
            raise Violated("a lock is held by nobody")
        self.gate.disarm()
        self.check()

    def check(self) -> None:
        """Tell what was seen; whoever did it may have swallowed it.

        Raises:
            Violated: an invariant did not hold after an effect.
        """
        if self._complaint is not None:
            raise Violated(self._complaint)

    @property
    def what_is_left(self) -> str | None:
        orphans = self.world.orphans.stored.values()
        waiting = (f"I12: {each.id} is open" for each in orphans if each.is_open)
        return next(chain(unsettled(self._scene), waiting), None)

    @property
    def copies(self) -> int:
        """Count the mails that somebody got although they had got the same before."""
        mailer = self.world.mailer
        notices = [letter.message_id for letter in mailer.notices]
        return sum(len(ids) - len(set(ids)) for ids in (mailer.message_ids, notices))

    def _watch(self, moment: str) -> None:
        if moment not in WRITES:
            return
        old = self._before
        rows = self.world.store.rows
        changed = [row for id_, row in rows.items() if row is not old.rows.get(id_)]
        before = Before(
            rows=old.rows, held=old.held, letters=old.letters, changed=tuple(changed)
        )
        for name, check in ALWAYS:
            complaint = check(self._scene, before)
            if complaint is not None and self._complaint is None:
                self._complaint = f"{name} {moment}: {complaint}"
        self._before = self._as_it_is()

    def _as_it_is(self) -> Before:
        return Before(
            rows=dict(self.world.store.rows),
            held=self.world.held(),
            letters=len(self.world.mailer.letters),
        )


class Scene:
    """The world as the invariants of the simulation look at it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.payments = SeenPayments(world)

    @property
    def plot(self) -> Any:
        return self

    @property
    def program(self) -> Any:
        return self._world.programs.stored[CHOIR]

    @property
    def held(self) -> frozenset[PurchaseId]:
        return self._world.held()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)


class SeenPayments:
    """The provider, asked what only the invariants ask."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def rogue(self) -> Collection[SessionId]:
        """Name the pages that were planted as paid, although nobody could pay them."""
        payments = self._world.payments
        paid = [s for s in payments.sessions.values() if s.is_paid]
        return {s.id for s in paid if s.payment_intent not in payments.intents}

    @property
    def sessions(self) -> Mapping[SessionId, CheckoutSession]:
        """Return those of purchases that are there; of others no invariant speaks."""
        sessions = self._world.payments.sessions.items()
        return {id_: session for id_, session in sessions if id_ != LOST_SESSION}

    def is_open(self, session: CheckoutSession) -> bool:
        is_over = session.expires_at <= self._world.payments.now()
        return session.status is SessionStatus.OPEN and not is_over

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.payments, name)
