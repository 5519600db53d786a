from datetime import UTC, datetime, timedelta

import pytest

from application.create_program import CreateProgram
from domain.class_rep import UNLIMITED
from domain.program import Program, ProgramIsFree
from domain.quote import quote
from entrypoints.demo.samples import sample_programs, seed
from entrypoints.simulation.outside.audit import InMemoryAuditLog
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.programs import InMemoryProgramRepository

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def the_one(wanted: str) -> Program:
    return next(each for each in sample_programs(NOON) if each.id == wanted)


def test_one_has_ten_spots_and_an_early_bird_deadline_ahead() -> None:
    terms = the_one("emba-mentor-circles").terms
    assert terms.class_rep_limit == 10
    assert terms.early_bird_deadline is not None
    ahead = terms.early_bird_deadline - NOON
    assert timedelta(days=29) < ahead < timedelta(days=31)


def test_one_has_no_limit() -> None:
    assert the_one("effective-communication").terms.class_rep_limit == UNLIMITED


def test_the_discounts_of_one_leave_nothing_to_pay() -> None:
    program = the_one("marketplace-incubator")
    assert quote(program, as_class_rep=True, at=NOON).is_free
    assert quote(program, as_class_rep=False, at=NOON).total.is_chargeable


def test_one_is_free() -> None:
    with pytest.raises(ProgramIsFree):
        quote(the_one("nextgen-open-webinar"), as_class_rep=False, at=NOON)


async def test_seeding_twice_changes_nothing() -> None:
    programs = InMemoryProgramRepository()
    create = CreateProgram(
        audit=InMemoryAuditLog(), clock=ManualClock(), programs=programs
    )
    await seed(create, at=NOON)
    await seed(create, at=NOON + timedelta(days=1))
    page = await programs.active_page(page=1, size=10)
    assert {each.id for each in page.items} == {
        each.id for each in sample_programs(NOON)
    }
    stored = await programs.get(the_one("emba-mentor-circles").id)
    assert stored.terms == the_one("emba-mentor-circles").terms
