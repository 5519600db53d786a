"""Sets of workers, as numbers; all that the inner loop asks of them is looked up."""

from collections.abc import Sequence
from typing import Final

from tests.model.steps import Worker

NOBODY: Final = -1
MANY_CREWS: Final = 1 << 20


class _Joined(dict[int, int]):
    """What a crew becomes when one more worker joins."""

    def __init__(self, crews: "Crews", crew: tuple[int, ...]) -> None:
        super().__init__()
        self._crews = crews
        self._crew = crew

    def __missing__(self, worker: int) -> int:
        both = self._crew if worker == NOBODY else (*self._crew, worker)
        self[worker] = self._crews.number(both)
        return self[worker]


class Crews:
    def __init__(self) -> None:
        self.workers: list[Worker] = []
        self.joined: list[_Joined] = []  # by the number of the crew, as all below
        self.sizes: list[int] = []
        # Each worker of a crew, and the crew without it; two that are alike count once.
        self.members: list[list[tuple[int, int]]] = []
        self._of_worker: dict[Worker, int] = {}
        self._crews: dict[tuple[int, ...], int] = {}
        self._parts: list[tuple[int, ...]] = []
        self.nobody: Final = self.number(())

    def worker(self, worker: Worker | None) -> int:
        if worker is None:
            return NOBODY
        number = self._of_worker.setdefault(worker, len(self.workers))
        if number == len(self.workers):
            self.workers.append(worker)
        return number

    def number(self, workers: Sequence[int]) -> int:
        crew = tuple(sorted(workers))
        known = self._crews.get(crew)
        if known is not None:
            return known
        number = self._crews[crew] = len(self._parts)
        if number == MANY_CREWS:
            raise ValueError("more sets of workers than fit into a state's number")
        self._parts.append(crew)
        self.sizes.append(len(crew))
        self.joined.append(_Joined(self, crew))
        self.members.append([])
        for worker in dict.fromkeys(crew):
            rest = list(crew)
            rest.remove(worker)
            self.members[number].append((worker, self.number(rest)))
        return number

    def parts(self, crew: int) -> list[Worker]:
        return [self.workers[worker] for worker in self._parts[crew]]


class Turn(dict[int, int]):
    """What a crew becomes when its buyers change places, as one crew of many alike.

    More than one order of the buyers is possible when some of them are in the same
    situation; then the crew with the least number stands for all.
    """

    def __init__(self, crews: Crews, orders: Sequence[tuple[int, ...]]) -> None:
        super().__init__()
        self._crews = crews
        self._orders = orders

    def __missing__(self, crew: int) -> int:
        turned = [
            self._crews.number([self._turned(each, order) for each in parts])
            for parts in [self._crews.parts(crew)]
            for order in self._orders
        ]
        self[crew] = min(turned)
        return self[crew]

    def _turned(self, worker: Worker, order: tuple[int, ...]) -> int:
        """Give the worker its buyer's new place: `order` names the old ones."""
        holder = worker.holder
        if holder is not None:
            holder = (order.index(holder[0]), holder[1])
        turned = worker._replace(buyer=order.index(worker.buyer), holder=holder)
        return self._crews.worker(turned)
