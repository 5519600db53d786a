"""One seed, one walk: the service by lot, and the model beside it at each step."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final

from application.errors import ApplicationError
from domain.errors import DomainError
from domain.ids import BuyerId
from domain.purchase import Buyer
from domain.refunding import RefundStatus
from entrypoints.simulation.outside.clock import NOON, ManualClock
from tests.conformance.abstraction import Abstraction, Documents
from tests.conformance.errands import LEASE_AND_MORE, Errand, Errands
from tests.conformance.following import Follower
from tests.conformance.money import Beyond, Inexpressible
from tests.conformance.outside import Outside, is_possible
from tests.conformance.reporting import described
from tests.conformance.stage import Parts, Process, Stage
from tests.examples import a_program, usd
from tests.model.configuration import Configuration
from tests.model.configurations import DEARER, GONE
from tests.model.protocol import Protocol
from tests.model.vocabulary import OWN, Choice, Terms
from tests.model.world import World

STEPS: Final = 90
PROCESSES_MAX: Final = 4
PACES: Final = (1.0, 1.0, 1.0, 0.15)
BUYERS: Final = tuple(
    Buyer(id=BuyerId(name), email=f"{name}@example.org", name=name.title())
    for name in ("ada", "grace", "joan")
)
SKEWS: Final = (timedelta(), timedelta(hours=48), timedelta(hours=-48))
CHANGING: Final = 1 / 3
CHANGES: Final = (
    (DEARER,),
    (DEARER, GONE),
    (GONE,),
    (Terms(price=0, limit=1), DEARER),
)
EXPECTED: Final = (ApplicationError, DomainError, asyncio.CancelledError)


BEYOND: Final = "beyond the model"


class Diverged(Exception):
    """The service did what the model cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a walk went.  `divergence` None: the model could do all of it."""

    seed: int
    steps: int
    labels: Counter[str]  # of the model's steps that were taken, or may have been
    calls: Counter[str]
    divergence: str | None


@dataclass(eq=False, slots=True, kw_only=True)
class Running:
    """A process, what it was sent for, and where the model sees it."""

    errand: Errand
    process: Process
    follower: Follower
    pace: float = 1.0  # a slow one is overtaken by whole others
    is_excused: bool = False  # it was let down, and may stop anywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What is drawn before a walk begins."""

    configuration: Configuration
    rep_discount: int
    skew: timedelta
    sick_keys: float
    flaky_creates: float
    flaky_refunds: float
    slow_refunds: float
    faults: float

    @classmethod
    def drawn(cls, random: Random, *, changes: tuple[Terms, ...] = ()) -> "Plot":
        is_rep_free = random.random() < 0.2 and not changes
        return cls(
            configuration=Configuration(
                buyers=random.randint(1, len(BUYERS)),
                limit=random.choice((1, 1, 2)),
                choices=(Choice.REP, Choice.PLAIN),
                free=(Choice.REP,) if is_rep_free else (),
                delayed=True,
                wrong_amounts=True,
                rogue=True,
                flaky_creates=True,
                sick_keys=True,
                again=True,
                pulls_full=True,
                verifies=True,
                lowers_limit=not changes,
                changes=changes,
                mails=True,
                early_refunds=True,
                pending_refunds=True,
                old_answers=True,
                failing_refunds=True,
                refused_refunds=True,
                dashboard=True,
                partial=True,
                most_refunds=len(OWN),
                disputes=True,
            ),
            rep_discount=10_000 if is_rep_free else 3_000,
            skew=random.choice(SKEWS),
            sick_keys=random.choice((0.0, 0.0, 0.4)),
            flaky_creates=random.choice((0.0, 0.0, 0.4)),
            flaky_refunds=random.choice((0.0, 0.0, 0.4)),
            slow_refunds=random.choice((0.0, 0.5, 0.8)),
            faults=random.choice((0.0, 0.05, 0.15)),
        )


def changes_in(seed: int) -> tuple[Terms, ...]:
    """Draw how an admin changes the terms, in one walk of three."""
    lot = Random(f"terms of {seed}")  # apart, so that the other walks stay as they are
    return lot.choice(CHANGES) if lot.random() < CHANGING else ()


@dataclass(kw_only=True)
class Walk:
    seed: int
    parts: Parts = field(default_factory=Parts)
    labels: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    act: str = "nothing"

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._plot = plot = Plot.drawn(self._random, changes=changes_in(self.seed))
        self._stage = Stage(
            seed=self.seed,
            parts=self.parts,
            fails=self._fails,
            refuses=lambda: self._random.random() < plot.flaky_creates,
            refund_word=self._refund_word,
            refuses_refund=lambda: self._random.random() < plot.flaky_refunds,
            clock=ManualClock(NOON + plot.skew),
            provider_clock=ManualClock(),
        )
        self._stage.offer(
            a_program(
                class_rep_limit=plot.configuration.limit,
                class_rep_discount=usd(plot.rep_discount),
                early_bird_discount=usd(0),
            )
        )
        self._protocol = Protocol(plot.configuration)
        self._world = World(plot.configuration)
        buyers = BUYERS[: plot.configuration.buyers]
        self._abstraction = Abstraction(self._stage, buyers, plot.configuration)
        self._errands = Errands(self._stage, self._random, self._abstraction, buyers)
        self._outside = Outside(self._stage, self._random, plot.configuration)
        self._running: list[Running] = []
        self._documents = self._abstraction.documents()

    def play(self) -> Report:
        """Walk until the last step, or until the ways part."""
        divergence = None
        with self._stage.loop.running():
            try:
                while self.steps < STEPS:
                    self.steps += 1
                    self._step()
            except Beyond:
                self._note(BEYOND)
            except (Diverged, Inexpressible) as error:
                divergence = self._told(error)
            finally:
                for running in self._running:
                    self._stage.bury(running.process)
        return Report(
            seed=self.seed,
            steps=self.steps,
            labels=self.labels,
            calls=self.calls,
            divergence=divergence,
        )

    def _step(self) -> None:
        lot = self._random.random()
        busy = len(self._running)
        if busy == 0 or (busy < PROCESSES_MAX and lot < 0.25):
            self._begin()
        elif lot < 0.4:
            self._let_happen()
        else:
            paces = [running.pace for running in self._running]
            self._go_on(self._random.choices(self._running, paces)[0])

    # --- One process ------------------------------------------------------------

    def _begin(self) -> None:
        errand = self._errands.draw()
        if errand is None:
            return
        if errand.delivers_mail:
            if any(each.errand.delivers_mail for each in self._running):
                errand.work.close()  # a lease must not end under a living worker
                return
            self._stage.advance(LEASE_AND_MORE)
        self.act = f"begin: {errand.name}"
        follower = Follower(self._protocol, errand.starts, self._note)
        running = Running(
            errand=errand,
            process=self._stage.start(errand.work),
            follower=follower,
            pace=self._random.choice(PACES),
        )
        self._running.append(running)
        self._retire(running)

    def _go_on(self, running: Running) -> None:
        lot = self._random.random() / (self._plot.faults or 1e-9)
        process, follower = running.process, running.follower
        call = process.call
        self.calls[call] += 1
        self.act = f"{call} of: {running.errand.name}"
        if lot < 0.2:
            self.act = f"crash before {self.act}"
            self._running.remove(running)
            self._stage.bury(process)
        elif lot < 0.4:
            self.act = f"hang up before {self.act}"
            self._stage.hang_up(process)
        elif lot < 0.7:
            self.act = f"lost request: {self.act}"
            self._stage.lose_request(process)
        else:
            self._stage.let_through(process, loses_answer=lot < 1)
        after = self._abstraction.documents()
        if not follower.follow(call, self._documents, after):
            raise Diverged("no step of the model does this")
        self._documents = after
        if lot < 1:
            running.is_excused = True
            follower.may_excuse()
        self._retire(running)

    def _retire(self, running: Running) -> None:
        """See whether a process that is over was right to stop, and to answer."""
        task = running.process.task
        if task is None or not task.done() or running.process.is_dead:
            return
        self._running.remove(running)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, EXPECTED):
            raise Diverged(f"it raised {error!r}")
        if not running.is_excused and not running.follower.may_end(self._documents):
            raise Diverged(f"it stopped early, before {_next_steps(running)}")
        answered = None
        if error is None and not task.cancelled():
            answered = self._errands.answered(task.result())
        if answered is not None and not running.follower.may_answer(*answered):
            raise Diverged("it showed where to pay, and may not")

    # --- Everybody else ---------------------------------------------------------

    def _let_happen(self) -> None:
        act = self._outside.draw()
        if act is None:
            return
        self.act, do = act
        do()
        after = self._abstraction.documents()
        if not is_possible(self._world, self._documents, after):
            raise Diverged("the model's world cannot do this")
        if after != self._documents:
            self._note(self.act)
        self._documents = after

    def _fails(self) -> bool | None:
        """Draw whether a first creation fails, and whether it creates all the same."""
        if self._random.random() >= self._plot.sick_keys:
            return None
        return self._random.random() < 0.5

    def _refund_word(self) -> RefundStatus:
        is_slow = self._random.random() < self._plot.slow_refunds
        return RefundStatus.PENDING if is_slow else RefundStatus.SUCCEEDED

    # --- For people -------------------------------------------------------------

    def _note(self, label: str) -> None:
        self.labels[label] += 1

    def _told(self, error: Exception) -> str:
        now: Documents | None = None
        if not isinstance(error, Inexpressible):
            now = self._abstraction.documents()
        return (
            f"seed {self.seed}, step {self.steps}, {self.act}: {error}\n"
            f"  before: {described(self._documents)}\n"
            f"  after:  {described(now) if now else error}"
        )


def _next_steps(running: Running) -> str:
    return "/".join(sorted({worker.step for worker in running.follower.workers}))
