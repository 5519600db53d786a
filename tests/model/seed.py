"""The seed's protocol, as it was written: Solutions 1 and 2, or with 3 a counter.

Its locks are per instance and per key: one for a buyer's checkout, one for a session's
webhook, none for a cancellation.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from tests.model.exploration import Broken


class Status(IntEnum):
    NONE = 0
    PENDING = 1
    COMPLETED = 2
    FAILED = 3


class Session(IntEnum):
    NONE = 0
    OPEN = 1
    PAID = 2
    EXPIRED = 3


LIVE = (Status.PENDING, Status.COMPLETED)


class Purchase(NamedTuple):
    status: Status = Status.NONE
    url_shown: bool = False
    mails: int = 0
    session: Session = Session.NONE


class Worker(NamedTuple):
    step: str
    instance: int
    buyer: int
    attempt: int = 0
    has_lock: bool = False

    @property
    def job(self) -> str:
        return self.step.split("_")[0]


Buyers = tuple[tuple[Purchase, ...], ...]


class State(NamedTuple):
    buyers: Buyers
    counter: int
    workers: tuple[Worker, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedConfiguration:
    buyers: int = 1
    attempts: int = 1
    workers: int = 2
    instances: int = 1
    limit: int = 1
    buys_rep: bool = True  # or the full price, which needs no spot
    has_counter: bool = False  # Solution 3
    crashes: bool = False
    lock_times_out: bool = False
    stripe_fails: bool = False
    cancels: bool = False
    guards_cancel: bool = True  # refuses to cancel what is completed
    expires: bool = False
    repeats_webhooks: bool = False
    looked_for: tuple[str, ...] = ("I",)  # what the names of invariants begin with


class View(NamedTuple):
    """The state, without the worker whose turn it is."""

    state: State
    worker: Worker
    others: tuple[Worker, ...]

    @property
    def mine(self) -> tuple[Purchase, ...]:
        return self.state.buyers[self.worker.buyer]

    @property
    def purchase(self) -> Purchase:
        return self.mine[self.worker.attempt]

    def go(
        self,
        label: str,
        then: str | None = None,
        *,
        to: Purchase | None = None,
        attempt: int | None = None,
        has_lock: bool | None = None,
        count: int = 0,
    ) -> "Steps":
        worker = self.worker
        if attempt is not None:
            worker = worker._replace(attempt=attempt)
        if has_lock is not None:
            worker = worker._replace(has_lock=has_lock)
        state = self.state._replace(workers=self.others)
        if to is not None:
            state = changed(state, worker.buyer, worker.attempt, to)
        if then is not None:
            state = joined(state, worker._replace(step=then))
        state = state._replace(counter=state.counter + count)
        who = f"instance {worker.instance}, buyer {worker.buyer}"
        yield f"{who}: {label}", state, True


Steps = Iterator[tuple[str, State, bool]]


def changed(state: State, buyer: int, attempt: int, to: Purchase) -> State:
    mine = state.buyers[buyer]
    mine = (*mine[:attempt], to, *mine[attempt + 1 :])
    buyers = (*state.buyers[:buyer], mine, *state.buyers[buyer + 1 :])
    return state._replace(buyers=buyers)


def joined(state: State, worker: Worker) -> State:
    return state._replace(workers=tuple(sorted((*state.workers, worker))))


class Seed:
    """The graph of the seed's protocol."""

    def __init__(self, configuration: SeedConfiguration) -> None:
        self._having = configuration
        self._numbers: dict[State, int] = {}
        self._states: list[State] = []

    # ---- checkout

    def checkout_look(self, at: View) -> Steps:
        """Look for a completed purchase, outside the lock."""
        if any(p.status is Status.COMPLETED for p in at.mine):
            return at.go("checkout: completed exists, refuse")
        return at.go("checkout: no completed purchase", "checkout_lock")

    def checkout_lock(self, at: View) -> Steps:
        if self._is_locked(at, attempts=range(self._having.attempts)):
            return iter(())
        return at.go("checkout: takes lock", "checkout_pending", has_lock=True)

    def _is_locked(self, at: View, *, attempts: Collection[int]) -> bool:
        worker = at.worker
        return any(
            other.has_lock
            and (other.instance, other.buyer) == (worker.instance, worker.buyer)
            and other.job == worker.job
            and other.attempt in attempts
            for other in at.others
        )

    def checkout_pending(self, at: View) -> Steps:
        pending = [n for n, p in enumerate(at.mine) if p.status is Status.PENDING]
        if pending:
            there = pending[0]
            return at.go("checkout: pending found", "checkout_ask", attempt=there)
        return at.go("checkout: no pending purchase", "checkout_count")

    def checkout_ask(self, at: View) -> Steps:
        if at.purchase.session is Session.EXPIRED:
            yield from at.go("checkout: expired, a new one", "checkout_count")
        else:
            shown = at.purchase._replace(url_shown=True)
            yield from at.go("checkout: the same session", to=shown)
        if self._having.stripe_fails:
            label = "checkout: stripe fails, session invalid, a new one"
            for name, state, _ in at.go(label, "checkout_count"):
                yield name, state, False

    def checkout_count(self, at: View) -> Steps:
        if not self._having.buys_rep:
            return at.go("checkout: full price", "checkout_create")
        if not self._having.has_counter:
            every = [p for purchases in at.state.buyers for p in purchases]
            if sum(p.status in LIVE for p in every) >= self._having.limit:
                return at.go("checkout: counted the reps, full")
            return at.go("checkout: counted the reps, room", "checkout_create")
        if at.state.counter >= self._having.limit:
            return at.go("checkout: counter full")
        return at.go("checkout: counter up", "checkout_create", count=1)

    def checkout_create(self, at: View) -> Steps:
        free = [n for n, p in enumerate(at.mine) if p.session is Session.NONE]
        if not free:
            return at.go("checkout: (no attempts left)")
        opened = at.mine[free[0]]._replace(session=Session.OPEN)
        label = "checkout: stripe session created"
        return at.go(label, "checkout_save", to=opened, attempt=free[0])

    def checkout_save(self, at: View) -> Steps:
        saved = at.purchase._replace(status=Status.PENDING, url_shown=True)
        return at.go("checkout: saves pending, answers url", to=saved)

    # ---- webhook

    def webhook_lock(self, at: View) -> Steps:
        if self._is_locked(at, attempts=[at.worker.attempt]):
            return iter(())
        return at.go("webhook: takes lock", "webhook_read", has_lock=True)

    def webhook_read(self, at: View) -> Steps:
        match at.purchase.status:
            case Status.NONE:
                return at.go("webhook: purchase not found")
            case Status.COMPLETED:
                return at.go("webhook: already completed")
        return at.go("webhook: reads", "webhook_save")

    def webhook_save(self, at: View) -> Steps:
        completed = at.purchase._replace(status=Status.COMPLETED)
        return at.go("webhook: saves completed", "webhook_mail", to=completed)

    def webhook_mail(self, at: View) -> Steps:
        mails = min(2, at.purchase.mails + 1)
        return at.go("webhook: sends mail", to=at.purchase._replace(mails=mails))

    # ---- cancel

    def cancel_read(self, at: View) -> Steps:
        if at.purchase.status is not Status.COMPLETED:
            return at.go("cancel: reads", "cancel_count")
        if self._having.guards_cancel:
            return at.go("cancel: completed, refuse")
        return at.go("cancel: reads", "cancel_save")

    def cancel_count(self, at: View) -> Steps:
        down = -1 if self._having.has_counter else 0
        return at.go("cancel: counter down", "cancel_save", count=down)

    def cancel_save(self, at: View) -> Steps:
        failed = at.purchase._replace(status=Status.FAILED)
        return at.go("cancel: saves failed", to=failed)

    # ---- the graph

    def start(self) -> int:
        mine = (Purchase(),) * self._having.attempts
        return self._number(State((mine,) * self._having.buyers, 0, ()))

    def _number(self, state: State) -> int:
        number = self._numbers.setdefault(state, len(self._states))
        if number == len(self._states):
            self._states.append(state)
        return number

    def successors(self, state: int) -> list[int]:
        before = self._states[state]
        found = []
        for label, after, _ in self._steps(before):
            broken = self._broken(before, after)
            if broken:
                raise Broken(invariant=broken, label=label)
            found.append(self._number(after))
        return found

    def fair_successors(self, state: int) -> list[int]:
        steps = self._steps(self._states[state])
        return [self._number(after) for _, after, is_fair in steps if is_fair]

    def labels(self, state: int) -> Iterator[tuple[str, int]]:
        for label, after, _ in self._steps(self._states[state]):
            yield label, self._number(after)

    def describe(self, state: int) -> str:
        return str(self._states[state])

    def _steps(self, state: State) -> Steps:
        for place, worker in enumerate(state.workers):
            others = (*state.workers[:place], *state.workers[place + 1 :])
            yield from self._steps_of(View(state, worker, others))
        for buyer, purchases in enumerate(state.buyers):
            for attempt, purchase in enumerate(purchases):
                yield from self._world(state, buyer, attempt, purchase)
        if len(state.workers) < self._having.workers:
            for worker, is_fair in self._starts(state):
                who = f"instance {worker.instance}, buyer {worker.buyer}"
                name = f"{who}: {worker.job} begins"
                yield name, joined(state, worker), is_fair

    def _steps_of(self, at: View) -> Steps:
        worker = at.worker
        run: Callable[[View], Steps] = getattr(self, worker.step)
        yield from run(at)
        gone = at.state._replace(workers=at.others)
        if self._having.crashes:
            yield f"CRASH before {worker.step}", gone, False
        if self._having.lock_times_out and worker.has_lock:
            freed = joined(gone, worker._replace(has_lock=False))
            yield f"the lock times out, holder at {worker.step} runs on", freed, False

    def _world(self, state: State, buyer: int, attempt: int, now: Purchase) -> Steps:
        if now.session is not Session.OPEN:
            return
        if now.url_shown:
            paid = now._replace(session=Session.PAID)
            yield f"buyer {buyer} pays", changed(state, buyer, attempt, paid), False
        if self._having.expires:
            expired = now._replace(session=Session.EXPIRED)
            label = "stripe expires the session"
            yield label, changed(state, buyer, attempt, expired), True

    def _starts(self, state: State) -> Iterator[tuple[Worker, bool]]:
        for instance in range(self._having.instances):
            for buyer, purchases in enumerate(state.buyers):
                yield Worker("checkout_look", instance, buyer), False
                for attempt, purchase in enumerate(purchases):
                    place = (instance, buyer, attempt)
                    if self._may_hear(purchase):
                        yield Worker("webhook_lock", *place), True
                    if self._having.cancels and purchase.status is not Status.NONE:
                        yield Worker("cancel_read", *place), False

    def _may_hear(self, purchase: Purchase) -> bool:
        is_news = purchase.status is not Status.COMPLETED
        repeats = self._having.repeats_webhooks
        return purchase.session is Session.PAID and (is_news or repeats)

    # ---- invariants

    def _broken(self, before: State, after: State) -> str | None:
        looked_for = self._having.looked_for
        every = (
            *self._broken_counts(after),
            *self._broken_purchases(after),
            *self._broken_step(before, after),
        )
        return next((name for name in every if name.startswith(looked_for)), None)

    def _broken_counts(self, state: State) -> Iterator[str]:
        live = [sum(p.status in LIVE for p in mine) for mine in state.buyers]
        every = [purchase for mine in state.buyers for purchase in mine]
        completed = sum(p.status is Status.COMPLETED for p in every)
        if self._having.buys_rep and sum(live) > self._having.limit:
            yield "I1-reserved more reservations than limit"
        if self._having.buys_rep and completed > self._having.limit:
            yield "I1 more completed class reps than limit"
        if max(live) > 1:
            yield "I2 two live purchases of one buyer"
        if self._having.has_counter and state.counter < 0:
            yield "I5 counter below zero"

    def _broken_purchases(self, state: State) -> Iterator[str]:
        for mine in state.buyers:
            if sum(purchase.session is Session.PAID for purchase in mine) > 1:
                yield "I4 buyer charged twice"
            for status, _, mails, session in mine:
                if status is Status.FAILED and session is Session.OPEN:
                    yield "I10 cancelled while its session is still payable"
                if mails > 1:
                    yield "I14 confirmation sent twice"

    def _broken_step(self, before: State, after: State) -> Iterator[str]:
        for mine, then in zip(before.buyers, after.buyers, strict=True):
            for purchase, later in zip(mine, then, strict=True):
                move = (purchase.status, later.status)
                if move == (Status.FAILED, Status.COMPLETED):
                    yield "I7 failed->completed"
                if move == (Status.COMPLETED, Status.FAILED):
                    yield "I7 completed->failed, money kept"

    def is_settled(self, state: int) -> bool:
        buyers, counter, workers = self._states[state]
        every = [purchase for mine in buyers for purchase in mine]
        live = sum(purchase.status in LIVE for purchase in every)
        counts = self._having.has_counter and self._having.buys_rep
        is_right = not counts or counter == live
        return not workers and is_right and all(map(_is_right, every))


def _is_right(purchase: Purchase) -> bool:
    status, session = purchase.status, purchase.session
    if session is Session.PAID and status is not Status.COMPLETED:
        return False
    if status is Status.PENDING and session is not Session.OPEN:
        return False
    return status is not Status.COMPLETED or purchase.mails > 0
