"""Whatever strikes a use case, wherever: reconcile alone brings all to a right end."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from dependency_injector import providers

from entrypoints.cli.serve import reconcile_jobs
from entrypoints.use_cases import UseCases
from tests.application.reconcile import JOBS
from tests.application.world import World
from tests.crash.careless import CARELESS
from tests.crash.gate import Fault
from tests.crash.playbill import points_of_use_cases
from tests.crash.script import SCRIPTS
from tests.crash.stage import Violated
from tests.crash.sweep import Bend, NotSettled, Run, Sweep

FAULTS = tuple(Fault)
POINTS = {
    "act_on_program": 6,
    "act_on_purchase": 40,
    "anonymise_buyer": 28,
    "cancel_purchase": 22,
    "change_program": 6,
    "claim_key": 18,
    "create_program": 4,
    "deliver_mail": 26,
    "differences.keep_findings": 34,
    "differences.reconcile": 88,
    "differences.reconcile_one": 48,
    "differences.repair_finding": 46,
    "differences.take_over_telling": 6,
    "drive_orphans": 30,
    "drive_owing": 92,
    "drive_purchases": 136,
    "keep_ledger": 26,
    "listen_back": 67,
    "quarantine.replay_by_hand": 8,
    "quarantine.retry_quarantined": 12,
    "receive_event": 134,
    "request_refund": 52,
    "retry_checkout": 12,
    "start_checkout": 218,
    "sweep_spots": 10,
    "verify_session": 18,
}
# Those who only look leave nothing behind, and one never leaves the process; history is
# what nobody's right rests on, and an answer is kept by whoever claimed its key.
LOOK = re.compile(
    r"(^|\.)(check|count|inspect|preview|verify_event|view|watch)(_|$)|eligibility"
    r"|^keep_(answer|history)$|^take_stock$"
)
TELLING = re.compile(r"(watch|count)_|\.(keep_findings|take_over_telling)$")

scripts = pytest.mark.parametrize("name", list(SCRIPTS))


async def ready(name: str, bend: Bend = lambda _use_cases: None) -> Sweep:
    sweep = Sweep(SCRIPTS[name], bend)
    await sweep.ready()
    return sweep


def check_ends(name: str, runs: list[Run]) -> None:
    script = SCRIPTS[name]
    assert [run for run in runs if run.end not in script.ends] == []
    assert [run for run in runs if run.copies and not run.may_have_copied] == []


@scripts
async def test_a_use_case_has_as_many_points_as_we_think(name: str) -> None:
    assert len(await (await ready(name)).moments()) == SCRIPTS[name].points


def test_the_points_of_each_use_case_are_as_many_as_we_think() -> None:
    assert points_of_use_cases() == POINTS


@scripts
async def test_after_one_fault_of_any_kind_reconcile_ends_it_rightly(name: str) -> None:
    runs = [run async for run in (await ready(name)).singles(FAULTS)]

    assert len(runs) == SCRIPTS[name].points * len(FAULTS) * 2
    check_ends(name, runs)


@scripts
async def test_after_two_crashes_reconcile_ends_it_rightly(name: str) -> None:
    sweep = await ready(name)

    runs = [run async for run in sweep.pairs([Fault.CRASH], [Fault.CRASH])]

    firsts = {run.where[0] for run in runs}
    assert firsts == {f"crash {moment}" for moment in await sweep.moments()}
    check_ends(name, runs)


def test_every_use_case_that_anybody_calls_is_struck() -> None:
    struck = {script.use_case for script in SCRIPTS.values()}

    called = called_from_outside(World().service)
    assert {name for name in called if not LOOK.search(name)} <= struck
    assert {"receive_event", "start_checkout"} <= struck


def called_from_outside(use_cases: UseCases) -> set[str]:
    """Return the use cases that no other use case is made of."""
    found = dict(use_cases_in(use_cases.providers))
    parts = [part for each in found.values() for part in each.kwargs.values()]
    return {name for name, each in found.items() if each not in parts}


def use_cases_in(
    found: Mapping[str, providers.Provider[Any]], within: str = ""
) -> Iterator[tuple[str, "providers.Singleton[Any]"]]:
    for name, provider in found.items():
        if isinstance(provider, providers.Container):
            yield from use_cases_in(provider.container.providers, f"{name}.")
        elif isinstance(provider, providers.Singleton):
            yield within + name, provider


def test_the_jobs_are_those_that_serve_runs() -> None:
    """Those that only watch, count or tell bring nothing on its way."""
    source = inspect.getsource(reconcile_jobs)
    run = re.findall(r"run=use_cases\.([\w.()]+)\(\)\)?,", source)
    names = {each.replace("()", "") for each in run}

    moving = {name for name in names if not TELLING.search(name)}
    assert moving | {"deliver_mail"} == set(JOBS)


@pytest.mark.parametrize("name", list(CARELESS))
async def test_carelessness_is_found_out(name: str) -> None:
    assert await is_found_out(CARELESS[name])


async def is_found_out(bend: Bend) -> bool:
    for name, script in SCRIPTS.items():
        sweep = await ready(name, bend)
        try:
            runs = [run async for run in sweep.singles(FAULTS)]
        except (NotSettled, Violated):
            return True
        if not {run.end for run in runs} <= script.ends:
            return True
    return False
