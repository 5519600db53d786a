"""Explore several configurations at once, each on its own processor."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from tests.model.configurations import CONFIGURATIONS
from tests.model.exploration import Exploration, Findings
from tests.model.planted import MUTANTS
from tests.model.saga import Saga


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    name: str
    findings: Findings
    labels: frozenset[str]  # of the steps that were reached


def check(name: str) -> Report:
    """Explore one configuration to the end."""
    saga = Saga(CONFIGURATIONS[name])
    findings = Exploration(saga).run()
    return Report(name=name, findings=findings, labels=frozenset(saga.labels_reached))


def check_mutant(name: str) -> Report:
    """Explore the protocol with one defect until that is found."""
    planted = MUTANTS[name]
    saga = Saga(CONFIGURATIONS[planted.configuration], planted.protocol)
    findings = Exploration(saga).run()
    return Report(name=name, findings=findings, labels=frozenset(saga.labels_reached))


def check_all(names: Iterable[str], *, processes: int) -> Iterator[Report]:
    """Explore all of them, and report each as soon as it is done."""
    # Not forked: the caller may have threads.
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        for done in as_completed([pool.submit(check, name) for name in names]):
            yield done.result()
