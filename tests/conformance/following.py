"""Where in the model a process of the code may be, by all that it did so far."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.conformance.abstraction import Documents, padded
from tests.conformance.mapping import (
    COMES_LATE,
    GOES_ON,
    INSTEAD,
    LEARNS,
    MAY_END,
    WITHOUT_CALL,
    carries,
)
from tests.model.protocol import Protocol
from tests.model.steps import Buyers, Kind, Step, WideView, Worker
from tests.model.vocabulary import TERMINAL, Purchase, Refund, Session

Starts = Callable[[Buyers], Iterable[Worker]]
Noting = Callable[[str], None]

DONE: Final = "done"
ANSWERED: Final = "answered"  # done, and the buyer may be told where to pay
ENDED: Final = (DONE, ANSWERED)
HEARD: Final = {
    Refund.PENDING: ("note_sent",),
    Refund.DONE: ("note_sent", "note_done"),
    Refund.FAILED: ("note_sent", "note_failed"),
    Refund.FAILED_LATE: ("note_sent", "note_done", "note_failed"),
}
MAY_STAY: Final = (*ENDED, "insert")  # nobody has to ask again


@dataclass(frozen=True, slots=True)
class Learnt:
    """A state after some words on refunds, and where those who learnt them are."""

    state: Documents
    workers: frozenset[Worker] = frozenset()
    labels: tuple[str, ...] = ()

    def and_then(self, state: Documents, step: Step) -> "Learnt":
        worker = step.then or Worker(DONE, step.buyer, step.attempt)
        return Learnt(state, self.workers | {worker}, (*self.labels, step.label))


class Follower:
    """The set of the model's workers that one process may be.

    Begin with those that its request may start; at each call keep those that have a
    step which the call carries out and which leads to the state that the code is in.
    The process diverges when none is left.
    """

    def __init__(self, protocol: Protocol, starts: Starts, note: Noting) -> None:
        self._protocol = protocol
        self._starts = starts
        self._note = note
        self.saw_full = False  # the program, when the process read it
        self._read: set[int] = set()  # the revisions of it that the process read
        self.workers: set[Worker] = {Worker(DONE, -1)}

    def follow(self, call: str, before: Documents, after: Documents) -> bool:
        """Go along with a call; False: no worker of the model can."""
        if call == "programs.get":
            self.saw_full = _is_full(before)
            self._read.add(before[1].revision)
        ready = self._closure(call, before)
        if before == after:
            self.workers = ready
            return True
        self.workers = set()
        for learnt in self._learnt(call, before):
            self.workers |= self._after(learnt, ready, call, after)
        if call == "programs.release_spot" and _is_release(before, after):
            self.workers |= ready  # terminal is for ever: anybody may, at any time
        return bool(self.workers)

    def _after(
        self, learnt: "Learnt", ready: set[Worker], call: str, after: Documents
    ) -> set[Worker]:
        """Return who may be where it is now, by a step of theirs or of nobody's."""
        before = learnt.state
        workers = {
            then
            for worker in ready
            for step in self._steps(worker, before)
            if carries(call, step.label) and after in _results(step, before)
            for then in self._thens(worker, step)
        }
        if before == after:
            workers |= ready | learnt.workers
        for label in learnt.labels if workers else ():
            self._note(label)
        return workers

    def _learnt(self, call: str, before: Documents) -> Iterator["Learnt"]:
        """Yield the states that words on refunds lead to, from where it was on."""
        found = {before: Learnt(before)}
        left = [before] if call == LEARNS else []
        while left:
            known = found[left.pop()]
            for worker in told_of_refunds(known.state[0]):
                for step in self._steps(worker, known.state):
                    then = _result(step, known.state)
                    if then not in found:
                        left.append(then)
                        found[then] = known.and_then(then, step)
        yield from found.values()

    def may_end(self, documents: Documents) -> bool:
        """Say whether nothing that must be done is left undone."""
        return any(w.step in MAY_STAY for w in self._closure("", documents))

    def may_answer(self, buyer: int, attempt: int) -> bool:
        """Say whether the buyer may be told where to pay for this purchase."""
        return any(
            (worker.step, worker.buyer, worker.attempt) == (ANSWERED, buyer, attempt)
            for worker in self.workers
        )

    def may_excuse(self) -> None:
        """Allow the process to end here: it learnt nothing of its last call."""
        self.workers = {*self.workers, Worker(DONE, -1)}

    def _closure(self, call: str, documents: Documents) -> set[Worker]:
        """Add where they can be after steps that change nothing."""
        found: set[Worker] = set()
        left = list(self.workers)
        while left:
            worker = left.pop()
            if worker in found:
                continue
            found.add(worker)
            if worker.step in ENDED:
                left += self._begun(documents)
                continue
            for step in self._steps(worker, documents):
                is_taken = step.label in WITHOUT_CALL or carries(call, step.label)
                if is_taken and _result(step, documents) == documents:
                    left += self._thens(worker, step)
        return found

    def _begun(self, documents: Documents) -> Iterator[Worker]:
        """Yield who may begin, with all the terms that the process may know."""
        buyers, program = documents
        for worker in self._starts(buyers):
            if worker.step != "insert":
                yield worker
                continue
            for knowing in self._protocol.knowing(worker, program.revision):
                yield knowing._replace(has_read=False)
                if knowing.known in self._read:
                    yield knowing._replace(has_read=True)

    def _thens(self, worker: Worker, step: Step) -> Iterator[Worker]:
        self._note(step.label)
        step_of = ANSWERED if step.kind is Kind.URL else DONE
        ended = Worker(step_of, step.buyer, step.attempt)
        yield step.then or ended
        if step.label in MAY_END:
            yield ended
        if step.label in GOES_ON:
            yield worker
        if step.label in INSTEAD:
            yield (step.then or ended)._replace(step=INSTEAD[step.label])

    def _steps(self, worker: Worker, documents: Documents) -> Iterator[Step]:
        if worker.step in ENDED:
            return
        buyers, program = documents
        mine = buyers[worker.buyer][worker.attempt]
        is_full = _is_full(documents)
        seen = {is_full, self.saw_full} if worker.step == "read_live" else {is_full}
        for full in sorted(seen):
            view = WideView(worker, mine, full, buyers, revision=program.revision)
            yield from self._protocol.run(view)


def told_of_refunds(buyers: Buyers) -> Iterator[Worker]:
    """Whoever hears of a refund, by whatever way; what they heard may be old."""
    for buyer, mine in enumerate(buyers):
        for attempt, purchase in enumerate(mine):
            for number, refund in enumerate(purchase.refunds):
                for step in HEARD.get(refund, ()):
                    yield Worker(step, buyer, attempt, number)


def _is_full(documents: Documents) -> bool:
    buyers, program = documents
    return sum(p.holds_spot for mine in buyers for p in mine) >= program.limit


def _result(step: Step, before: Documents) -> Documents:
    if step.purchase is None:
        return before
    buyers, program = before
    return with_purchase(buyers, step.buyer, step.attempt, step.purchase), program


def _results(step: Step, before: Documents) -> Iterator[Documents]:
    yield _result(step, before)
    if step.label.startswith(COMES_LATE) and step.purchase is not None:
        late = step.purchase._replace(session=Session.REJECTED)
        yield _result(step._replace(purchase=late), before)


def with_purchase(buyers: Buyers, buyer: int, attempt: int, new: Purchase) -> Buyers:
    mine = buyers[buyer]
    if mine[attempt] == new:
        return buyers
    changed = (*mine[:attempt], new, *mine[attempt + 1 :])
    return padded((*buyers[:buyer], changed, *buyers[buyer + 1 :]))


def _is_release(before: Documents, after: Documents) -> bool:
    """Say whether just one spot was given back, of a purchase that is over."""
    return any(
        after == (with_purchase(before[0], buyer, attempt, freed), before[1])
        for buyer, mine in enumerate(before[0])
        for attempt, purchase in enumerate(mine)
        if purchase.holds_spot and purchase.status in TERMINAL
        for freed in [purchase._replace(holds_spot=False)]
    )
