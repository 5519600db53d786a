"""The graph of the protocol: documents and workers as one number, buyers alike.

Where the workers stand and what the documents hold are numbered apart.  What a step
does to the documents is worked out once for each pair of documents and worker, and
looked up for every state that has this pair; so are the invariants, which only speak of
documents.  Buyers are interchangeable: of all states that differ in the names of buyers
one is visited.
"""

from collections.abc import Iterator
from itertools import permutations

from tests.model.configuration import Configuration
from tests.model.crews import MANY_CREWS, Crews, Turn
from tests.model.exploration import Broken
from tests.model.invariants import Invariants
from tests.model.protocol import Protocol
from tests.model.steps import Buyers, Steps, WideView, Worker
from tests.model.vocabulary import Program, Purchase, Status, word, words
from tests.model.world import World

Target = tuple[int, Turn | None]  # where the documents' states begin, and who is who
Move = tuple[int, int, Turn | None]  # the same, with the worker that stays
Documents = tuple[Buyers, Program]


class Moves(dict[int, list[Move]]):
    """What each worker can do to these documents."""

    def __init__(self, saga: "Saga", documents: Documents) -> None:
        super().__init__()
        self._saga = saga
        self._documents = documents

    def __missing__(self, worker: int) -> list[Move]:
        self[worker] = self._saga.moves(self._documents, worker)
        return self[worker]


class Node:
    """What can happen to these documents; looked up for every state that has them."""

    __slots__ = (
        "base",
        "documents",
        "fair_starts",
        "fair_targets",
        "is_settled",
        "moves",
        "starts",
        "targets",
        "turn",
    )

    def __init__(self, documents: Documents, base: int, turn: Turn | None) -> None:
        self.documents = documents
        self.base = base
        self.turn = turn  # buyers of these documents that are alike
        self.is_settled: bool | None = None
        self.targets: list[Target] | None = None  # of what the world does
        self.fair_targets: list[Target] = []
        self.starts: list[int] = []  # the workers that may begin
        self.fair_starts: list[int] = []
        self.moves: Moves


class Saga:
    def __init__(
        self, configuration: Configuration, protocol: type[Protocol] = Protocol
    ) -> None:
        self.labels_reached: set[str] = set()
        self._having = configuration
        self._protocol = protocol(configuration)
        self._world = World(configuration)
        self._invariants = Invariants(configuration, self._protocol.moves)
        self._crews = Crews()
        self._nodes: list[Node] = []
        self._targets: dict[Documents, Target] = {}
        self._wide_steps = self._protocol.wide_steps()
        self._known_steps: dict[tuple[int, Purchase, bool, int], Steps] = {}
        self._turns: dict[tuple[tuple[int, ...], ...], Turn] = {}
        self._orders = list(permutations(range(configuration.buyers)))

    def start(self) -> int:
        having = self._having
        buyers = ((Purchase(),) * having.attempts,) * having.buyers
        base, _ = self._target((buyers, Program(having.limit)))
        return base + self._crews.nobody

    def successors(self, state: int) -> list[int]:
        crew, node = state % MANY_CREWS, self._expanded(state)
        found = self._follow(node, crew, node.targets or [], node.starts)
        for _, rest in self._crews.members[crew]:  # a worker that stops for good
            found.append(node.base + (node.turn[rest] if node.turn else rest))
        return found

    def fair_successors(self, state: int) -> list[int]:
        crew, node = state % MANY_CREWS, self._expanded(state)
        return self._follow(node, crew, node.fair_targets, node.fair_starts)

    def _follow(
        self, node: Node, crew: int, targets: list[Target], starts: list[int]
    ) -> list[int]:
        found = [
            base + (crew if turn is None else turn[crew]) for base, turn in targets
        ]
        joined, base, turn = self._crews.joined, node.base, node.turn
        if self._crews.sizes[crew] < self._having.workers:
            more = joined[crew]
            if turn is None:
                found += [base + more[worker] for worker in starts]
            else:
                found += [base + turn[more[worker]] for worker in starts]
        for worker, rest in self._crews.members[crew]:
            more = joined[rest]
            found += [
                base + (more[then] if turn is None else turn[more[then]])
                for base, then, turn in node.moves[worker]
            ]
        return found

    def is_settled(self, state: int) -> bool:
        node = self._nodes[state // MANY_CREWS]
        if node.is_settled is None:
            node.is_settled = self._invariants.is_settled(node.documents[0])
        return node.is_settled

    # ---- tables

    def _expanded(self, state: int) -> Node:
        node = self._nodes[state // MANY_CREWS]
        if node.targets is None:
            node.moves = Moves(self, node.documents)
            self._look_at_world(node)
            self._look_at_starts(node)
        return node

    def _look_at_world(self, node: Node) -> None:
        node.targets = []
        for label, _, documents, is_fair in self._world_events(node.documents):
            self.labels_reached.add(label)
            target = self._checked(documents, label)
            node.targets.append(target)
            if is_fair:
                node.fair_targets.append(target)

    def _world_events(
        self, documents: Documents
    ) -> Iterator[tuple[str, str, Documents, bool]]:
        buyers, program = documents
        for buyer, purchases in enumerate(buyers):
            for attempt, purchase in enumerate(purchases):
                for label, changed, is_fair in self._world.events(purchase):
                    after = _with(buyers, buyer, attempt, changed)
                    yield label, _who(buyer, attempt), (after, program), is_fair
        if self._having.lowers_limit and program.limit > 0:
            lower = program._replace(limit=program.limit - 1)
            yield "admin lowers the limit", "", (buyers, lower), False
        if program.revision < len(self._having.changes):
            revision = program.revision + 1
            moved = Program(self._having.terms(revision).limit, revision)
            yield "admin changes the terms", "", (buyers, moved), False

    def _look_at_starts(self, node: Node) -> None:
        for label, worker, is_fair in self._starts(node.documents):
            self.labels_reached.add(label)
            node.starts.append(self._crews.worker(worker))
            if is_fair:
                node.fair_starts.append(node.starts[-1])

    def _starts(self, documents: Documents) -> Iterator[tuple[str, Worker, bool]]:
        buyers, program = documents
        for buyer, purchases in enumerate(buyers):
            for worker in self._protocol.requests(buyer, program.revision):
                yield "checkout request", worker, False
            for attempt, purchase in enumerate(purchases):
                if purchase.status is Status.ABSENT:
                    continue
                for label, step, number, dispute, is_fair in self._protocol.starts(
                    purchase
                ):
                    worker = Worker(step, buyer, attempt, number, dispute=dispute)
                    yield label, worker, is_fair

    def moves(self, documents: Documents, number: int) -> list[Move]:
        """Work out what this worker can do to these documents.

        Raises:
            Broken: it can break an invariant.
        """
        buyers, program = documents
        found = []
        for step in self._steps(documents, number):
            after = buyers
            if step.purchase is not None:
                after = _with(buyers, step.buyer, step.attempt, step.purchase)
            base, turn = self._checked((after, program), step.label)
            found.append((base, self._crews.worker(step.then), turn))
        return found

    def _steps(self, documents: Documents, number: int) -> Steps:
        """Look up what only depends on the worker's own purchase."""
        worker = self._crews.workers[number]
        view = _view(documents, worker)
        if worker.step in self._wide_steps:
            return self._checked_steps(view)
        key = (number, view.purchase, view.is_full, view.revision)
        steps = self._known_steps.get(key)
        if steps is None:
            steps = self._known_steps[key] = self._checked_steps(view)
        return steps

    def _checked_steps(self, view: WideView) -> Steps:
        steps = self._protocol.run(view)
        for step in steps:
            self.labels_reached.add(step.label)
            after = step.purchase or view.purchase
            before = view.buyers[step.buyer][step.attempt]
            number = view.worker.number
            broken = self._invariants.broken_effect(step.kind, after, number)
            broken = self._invariants.broken_terms(view, step) or broken
            if step.purchase is not None:
                broken = self._invariants.broken_step(before, after) or broken
            if broken:
                raise Broken(invariant=broken, label=step.label)
        return steps

    def _checked(self, documents: Documents, label: str) -> Target:
        if documents not in self._targets:
            broken = self._invariants.broken(documents[0])
            if broken:
                raise Broken(invariant=broken, label=label)
        return self._target(documents)

    def _target(self, documents: Documents) -> Target:
        known = self._targets.get(documents)
        if known is None:
            known = self._targets[documents] = self._new_target(documents)
        return known

    def _new_target(self, documents: Documents) -> Target:
        buyers, program = documents
        first = tuple(sorted(buyers))
        orders = [
            order
            for order in self._orders
            if all(buyers[old] == first[new] for new, old in enumerate(order))
        ]
        turn = self._turn(tuple(orders))
        if first != buyers:
            return self._target((first, program))[0], turn
        base = len(self._nodes) * MANY_CREWS
        self._nodes.append(Node((first, program), base, turn))
        return base, turn

    def _turn(self, orders: tuple[tuple[int, ...], ...]) -> Turn | None:
        """Return the table of these orders, or none if nobody changes places."""
        if orders == (self._orders[0],):
            return None
        return self._turns.setdefault(orders, Turn(self._crews, orders))

    # ---- for people

    def labels(self, state: int) -> Iterator[tuple[str, int]]:
        crew, node = state % MANY_CREWS, self._expanded(state)
        documents, crews = node.documents, self._crews
        for label, who, after, _ in self._world_events(documents):
            base, turn = self._target(after)
            yield f"{label}{who}", base + (turn[crew] if turn else crew)
        for label, worker, _ in self._starts(documents):
            after_crew = crews.joined[crew][crews.worker(worker)]
            who = _who(worker.buyer, worker.attempt)
            yield f"{label}{who}", self._here(node, after_crew)
        for number, rest in crews.members[crew]:
            worker = crews.workers[number]
            view = _view(documents, worker)
            who = _who(worker.buyer, worker.attempt)
            steps = self._protocol.run(view)
            moves = node.moves[number]
            for step, (base, then, turn) in zip(steps, moves, strict=True):
                after_crew = crews.joined[rest][then]
                target = base + (turn[after_crew] if turn else after_crew)
                yield f"{step.label}{who}", target
            yield f"CRASH before {worker.step}{who}", self._here(node, rest)

    def _here(self, node: Node, crew: int) -> int:
        return node.base + (node.turn[crew] if node.turn else crew)

    def describe(self, state: int) -> str:
        buyers, program = self._nodes[state // MANY_CREWS].documents
        shown = [
            f"buyer {buyer}, attempt {attempt}: {_described(purchase)}"
            for buyer, purchases in enumerate(buyers)
            for attempt, purchase in enumerate(purchases)
            if purchase != Purchase()
        ]
        standing = [
            f"buyer {worker.buyer}, attempt {worker.attempt} at {worker.step}"
            for worker in self._crews.parts(state % MANY_CREWS)
        ]
        return "\n".join(
            [
                *shown,
                f"limit {program.limit}, revision {program.revision}",
                *(f"worker of {w}" for w in standing),
            ]
        )


def _with(buyers: Buyers, buyer: int, attempt: int, purchase: Purchase) -> Buyers:
    mine = buyers[buyer]
    mine = (*mine[:attempt], purchase, *mine[attempt + 1 :])
    return (*buyers[:buyer], mine, *buyers[buyer + 1 :])


def _view(documents: Documents, worker: Worker) -> WideView:
    buyers, program = documents
    taken = sum(p.holds_spot for purchases in buyers for p in purchases)
    mine = buyers[worker.buyer][worker.attempt]
    is_full, revision = taken >= program.limit, program.revision
    return WideView(worker, mine, is_full, buyers, revision=revision)


def _who(buyer: int, attempt: int) -> str:
    return f" (buyer {buyer}, attempt {attempt})"


def _described(purchase: Purchase) -> str:
    spot = "with spot" if purchase.holds_spot else "no spot"
    return (
        f"{word(purchase.choice)} {word(purchase.status)}, {spot}, "
        f"session {word(purchase.session)}, rows {words(purchase.rows)}, "
        f"refunds {words(purchase.refunds)}, dispute {word(purchase.dispute)}"
    )
