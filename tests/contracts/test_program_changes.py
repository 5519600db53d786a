"""What admins do to programs: one write each, or none."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from application.ports.programs import ProgramState
from domain.class_rep import SpotsExhausted
from domain.ids import BuyerId, ProgramId, PurchaseId
from domain.program import Program
from domain.purchase import Status
from tests.contracts.examples import (
    CHESS,
    CHOIR,
    program,
    purchase,
    quote,
)
from tests.contracts.storage import (
    NEVER_YIELDS,
    Storage,
    beyond_mongomock,
)

NO_AGGREGATION = "what it aggregates cannot be awaited"
ONE, TWO = PurchaseId("one"), PurchaseId("two")


def with_limit(before: Program, limit: int) -> Program:
    terms = replace(before.terms, class_rep_limit=limit)
    return replace(before, terms=terms, revision=before.revision + 1)


async def taken(storage: Storage, *holders: PurchaseId, limit: int) -> Program:
    """Store the choir with these spots taken; return it as it is then."""
    await storage.programs.add(program(limit=limit))
    for holder in holders:
        await storage.programs.reserve_spot(CHOIR, holder, limit=limit)
    return await storage.programs.get(CHOIR)


async def test_a_change_is_read_as_it_was_stored(storage: Storage) -> None:
    before = await taken(storage, ONE, limit=3)
    nothing = replace(before.terms.full_price, amount=0)
    after = replace(
        before,
        title="Opera",
        program_type="stage",
        time_zone="UTC",
        is_active=False,
        is_paused=True,
        revision=2,
        terms=replace(
            before.terms, early_bird_discount=nothing, early_bird_deadline=None
        ),
    )

    assert await storage.programs.change(before, after, drain=False)

    assert await storage.programs.get(CHOIR) == after
    assert await storage.programs.spot_holders(CHOIR) == {ONE}


async def test_a_program_that_moved_on_is_left_as_it_is(storage: Storage) -> None:
    before = await taken(storage, limit=3)
    first = replace(before, title="Opera", revision=2)
    assert await storage.programs.change(before, first, drain=False)

    late = replace(before, title="Ballet", revision=2)

    assert not await storage.programs.change(before, late, drain=True)
    assert await storage.programs.get(CHOIR) == first


async def test_a_program_that_is_not_there_is_not_made(storage: Storage) -> None:
    before = program()

    assert not await storage.programs.change(before, before, drain=True)


@pytest.mark.parametrize(
    ("limit", "drain", "happens"),
    [(2, False, True), (1, False, False), (1, True, True), (0, False, True)],
)
async def test_a_limit_below_the_spots_taken_wants_a_drain(
    storage: Storage, limit: int, *, drain: bool, happens: bool
) -> None:
    before = await taken(storage, ONE, TWO, limit=3)

    told = await storage.programs.change(before, with_limit(before, limit), drain=drain)

    assert told is happens
    now = await storage.programs.get(CHOIR)
    assert now.terms.class_rep_limit == (limit if happens else 3)
    assert now.class_rep_count == 2


async def test_the_spots_that_count_are_those_of_now(storage: Storage) -> None:
    before = await taken(storage, ONE, limit=3)
    await storage.programs.reserve_spot(CHOIR, TWO, limit=3)

    assert not await storage.programs.change(before, with_limit(before, 1), drain=False)


async def test_a_program_that_drains_may_be_changed_otherwise(
    storage: Storage,
) -> None:
    before = await taken(storage, ONE, TWO, limit=3)
    low = with_limit(before, 1)
    assert await storage.programs.change(before, low, drain=True)

    after = replace(low, title="Opera", revision=3)

    assert await storage.programs.change(low, after, drain=False)


async def test_a_higher_limit_wants_no_drain_though_more_are_taken(
    storage: Storage,
) -> None:
    before = await taken(storage, ONE, TWO, PurchaseId("three"), limit=3)
    low = with_limit(before, 1)
    assert await storage.programs.change(before, low, drain=True)

    assert await storage.programs.change(low, with_limit(low, 2), drain=False)
    assert (await storage.programs.get(CHOIR)).terms.class_rep_limit == 2


@beyond_mongomock(NEVER_YIELDS)
async def test_buyers_who_race_a_lower_limit_never_get_past_it(
    storage: Storage,
) -> None:
    before = await taken(storage, ONE, limit=20)
    racers = [PurchaseId(f"racer-{n}") for n in range(10)]

    async def lower() -> bool:
        return await storage.programs.change(before, with_limit(before, 4), drain=False)

    outcomes: list[Any] = await asyncio.gather(
        *(storage.programs.reserve_spot(CHOIR, one, limit=20) for one in racers[:3]),
        lower(),
        *(storage.programs.reserve_spot(CHOIR, one, limit=20) for one in racers[3:]),
        return_exceptions=True,
    )

    now = await storage.programs.get(CHOIR)
    was_lowered = now.terms.class_rep_limit == 4
    refused = sum(isinstance(each, SpotsExhausted) for each in outcomes)
    assert was_lowered is outcomes[3]
    assert now.class_rep_count == 11 - refused
    assert now.class_rep_count <= (4 if was_lowered else 20)


@beyond_mongomock(NEVER_YIELDS)
async def test_of_two_admins_at_once_one_is_told_so(storage: Storage) -> None:
    before = await taken(storage, limit=3)

    told = await asyncio.gather(
        *(
            storage.programs.change(
                before, replace(before, title=title, revision=2), drain=False
            )
            for title in ("Opera", "Ballet")
        )
    )

    assert sorted(told) == [False, True]


# --- Looking ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "search", "found"),
    [
        (ProgramState.ALL, "", ["Ballet", "Chess", "Opera (new)"]),
        (ProgramState.ACTIVE, "", ["Ballet", "Chess"]),
        (ProgramState.RETIRED, "", ["Opera (new)"]),
        (ProgramState.ALL, "eSs", ["Chess"]),
        (ProgramState.ALL, "ID-2", ["Opera (new)"]),
        (ProgramState.ACTIVE, "id-2", []),
        (ProgramState.ALL, "(NEW", ["Opera (new)"]),
        (ProgramState.ALL, ".*", []),
    ],
)
async def test_admins_find_programs_by_state_title_and_id(
    storage: Storage, state: ProgramState, search: str, found: list[str]
) -> None:
    for n, title in enumerate(("Chess", "Ballet", "Opera (new)")):
        id_ = ProgramId(f"id-{n}")
        await storage.programs.add(program(id_, title=title, is_active=n != 2))

    page = await storage.programs.page(state=state, search=search, page=1, size=9)

    assert [each.title for each in page.items] == found
    assert page.total == len(found)


async def test_admins_see_programs_page_by_page(storage: Storage) -> None:
    for n in range(3):
        await storage.programs.add(program(ProgramId(f"id-{n}"), title=f"Choir {n}"))

    page = await storage.programs.page(
        state=ProgramState.ALL, search="choir", page=2, size=2
    )

    assert [each.title for each in page.items] == ["Choir 2"]
    assert page.total == 3


@beyond_mongomock(NO_AGGREGATION)
async def test_paid_spots_are_those_of_owned_class_rep_purchases(
    storage: Storage,
) -> None:
    plain = replace(quote(), is_class_rep=False)
    rows = [
        ("open", CHOIR, Status.PENDING, quote()),
        ("mine", CHOIR, Status.COMPLETED, quote()),
        ("back", CHOIR, Status.REFUNDING, quote()),
        ("gone", CHOIR, Status.REFUNDED, quote()),
        ("full", CHOIR, Status.COMPLETED, plain),
        ("play", CHESS, Status.PENDING, quote()),
        ("else", ProgramId("else"), Status.COMPLETED, quote()),
    ]
    for name, program_id, status, offer in rows:
        row = purchase(name, program_id=program_id, status=status, quote=offer)
        buyer = replace(row.buyer, id=BuyerId(name))
        await storage.purchases.add(replace(row, buyer=buyer))

    assert await storage.survey.paid_spots([CHOIR, CHESS]) == {CHOIR: 2}
    assert await storage.survey.paid_spots([]) == {}
