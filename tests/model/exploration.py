"""Visit every state of a graph, breadth first, and see whether all of them can settle.

Safety: the graph raises `Broken` while a state is expanded, at the first step that
breaks an invariant; the way there is then a shortest one.

Liveness: fair steps are those that go on happening when faults and new requests have
stopped.  Settled states that fair steps can leave do not count; from every other state
fair steps must lead to one that does.  On a finite graph that means: always, under
strong fairness, the world settles in a right state and stays there.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import process_time
from typing import Protocol


class Broken(Exception):
    """A step that breaks an invariant."""

    def __init__(self, *, invariant: str, label: str) -> None:
        super().__init__(f"{invariant}: {label}")
        self.invariant = invariant
        self.label = label


class Graph(Protocol):
    """States are numbers; what they stand for is the graph's own business."""

    def start(self) -> int: ...

    def successors(self, state: int) -> Sequence[int]:
        """Return what every possible step leads to.

        Raises:
            Broken: one of these steps breaks an invariant.
        """

    def fair_successors(self, state: int) -> Sequence[int]: ...

    def labels(self, state: int) -> Iterable[tuple[str, int]]:
        """Return the same as `successors`, each with the name of its step."""

    def is_settled(self, state: int) -> bool: ...

    def describe(self, state: int) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """A shortest way to something that must not be."""

    invariant: str
    steps: list[str]
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    states: int
    transitions: int
    depth: int
    settled: int
    seconds: float  # of this processor
    is_complete: bool
    counterexample: Counterexample | None


NEVER_SETTLES = "never settles"


class Exploration:
    def __init__(self, graph: Graph, *, most_states: int = 100_000_000) -> None:
        self._graph = graph
        self._most_states = most_states
        self._order = [graph.start()]  # as they were found
        self._parents = array("i", [-1])  # the place in that order
        self._transitions = 0
        self._depth = 0
        self._settled = 0

    def run(self, *, liveness: bool = True) -> Findings:
        """Go on to the end, or to the first thing that must not be."""
        begun = process_time()
        counterexample = self._visit_all()
        is_complete = counterexample is None and self._is_complete
        if is_complete and liveness:
            counterexample = self._stuck()
        return Findings(
            states=len(self._order),
            transitions=self._transitions,
            depth=self._depth,
            settled=self._settled,
            seconds=process_time() - begun,
            is_complete=is_complete,
            counterexample=counterexample,
        )

    @property
    def _is_complete(self) -> bool:
        return len(self._order) < self._most_states

    def _visit_all(self) -> Counterexample | None:
        first = 0
        seen = set(self._order)
        while first < len(self._order) and self._is_complete:
            last = len(self._order)
            for place in range(first, last):
                try:
                    self._visit(place, seen)
                except Broken as broken:
                    return self._counterexample(place, broken)
            self._depth += len(self._order) > last
            first = last
        return None

    def _visit(self, place: int, seen: set[int]) -> None:
        found = self._graph.successors(self._order[place])
        self._transitions += len(found)
        for state in found:
            if state not in seen:
                seen.add(state)
                self._order.append(state)
                self._parents.append(place)

    def _stuck(self) -> Counterexample | None:
        """Return the nearest state from which fair steps do not settle."""
        good = self._settled_for_good()
        self._settled = len(good)
        for place, state in enumerate(self._order):
            if state not in good and not self._can_settle(state, good):
                return Counterexample(
                    invariant=NEVER_SETTLES,
                    steps=self._way_to(place),
                    state=self._graph.describe(state),
                )
        return None

    def _can_settle(self, state: int, good: set[int]) -> bool:
        """Walk fair steps to a state known as good; then all on the way are good."""
        way, tried = [state], {state}
        ahead = [self._graph.fair_successors(state)]
        choices = [iter(ahead[0])]
        while way:
            if not good.isdisjoint(ahead[-1]):
                good.update(way)
                return True
            after = next((each for each in choices[-1] if each not in tried), None)
            if after is None:
                for stack in (way, ahead, choices):
                    stack.pop()
            else:
                tried.add(after)
                way.append(after)
                ahead.append(self._graph.fair_successors(after))
                choices.append(iter(ahead[-1]))
        return False

    def _settled_for_good(self) -> set[int]:
        """Drop settled states that fair steps leave, until there is none."""
        settled = {state for state in self._order if self._graph.is_settled(state)}
        fair = self._graph.fair_successors
        while True:
            left = {state for state in settled if not settled.issuperset(fair(state))}
            if not left:
                return settled
            settled -= left

    def _counterexample(self, place: int, broken: Broken) -> Counterexample:
        return Counterexample(
            invariant=broken.invariant,
            steps=[*self._way_to(place), broken.label],
            state=self._graph.describe(self._order[place]),
        )

    def _way_to(self, place: int) -> list[str]:
        way: list[str] = []
        while place > 0:
            parent = self._parents[place]
            here = self._graph.labels(self._order[parent])
            target = self._order[place]
            way.append(next(label for label, state in here if state == target))
            place = parent
        return way[::-1]
