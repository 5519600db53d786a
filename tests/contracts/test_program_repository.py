import asyncio
from dataclasses import replace

import pytest

from application.ports.programs import ProgramExists, ProgramNotFound, TermsChanged
from domain.class_rep import SpotsExhausted
from domain.ids import ProgramId, PurchaseId
from tests.contracts.examples import CHESS, CHOIR, program
from tests.contracts.storage import (
    NEVER_YIELDS,
    NO_ELEM_MATCH,
    Storage,
    beyond_mongomock,
)

ONE = PurchaseId("one")
TWO = PurchaseId("two")


def crowd(size: int) -> list[PurchaseId]:
    return [PurchaseId(f"racer-{n}") for n in range(size)]


async def test_a_program_is_read_as_it_was_stored(storage: Storage) -> None:
    await storage.programs.add(program())

    assert await storage.programs.get(CHOIR) == program()


async def test_a_retired_program_can_be_read(storage: Storage) -> None:
    await storage.programs.add(program(is_active=False, revision=7))

    assert await storage.programs.get(CHOIR) == program(is_active=False, revision=7)


async def test_an_id_is_given_once(storage: Storage) -> None:
    await storage.programs.add(program())

    with pytest.raises(ProgramExists):
        await storage.programs.add(program(title="Another choir"))

    assert (await storage.programs.get(CHOIR)).title == "Choir"


async def test_a_new_program_has_no_spots_taken(storage: Storage) -> None:
    await storage.programs.add(program(class_rep_count=5))

    assert (await storage.programs.get(CHOIR)).class_rep_count == 0
    assert await storage.programs.spot_holders(CHOIR) == frozenset()


async def test_a_spot_is_taken_under_the_revision_that_is_named(
    storage: Storage,
) -> None:
    await storage.programs.add(program(revision=3))

    await storage.programs.reserve_spot(CHOIR, ONE, limit=10, revision=3)

    assert await storage.programs.spot_holders(CHOIR) == {ONE}


@beyond_mongomock(NO_ELEM_MATCH)
@pytest.mark.parametrize("revision", [2, 4])
async def test_under_another_revision_no_spot_is_taken(
    storage: Storage, revision: int
) -> None:
    await storage.programs.add(program(revision=3))

    with pytest.raises(TermsChanged):
        await storage.programs.reserve_spot(CHOIR, ONE, limit=10, revision=revision)

    assert await storage.programs.spot_holders(CHOIR) == frozenset()


@beyond_mongomock(NO_ELEM_MATCH)
async def test_the_spot_a_purchase_holds_is_enough_under_whatever_revision(
    storage: Storage,
) -> None:
    await storage.programs.add(program(limit=1))
    await storage.programs.reserve_spot(CHOIR, ONE, limit=1)

    await storage.programs.reserve_spot(CHOIR, ONE, limit=1, revision=9)

    assert (await storage.programs.get(CHOIR)).class_rep_count == 1


async def test_an_unknown_program_is_not_found(storage: Storage) -> None:
    with pytest.raises(ProgramNotFound):
        await storage.programs.get(CHOIR)
    with pytest.raises(ProgramNotFound):
        await storage.programs.reserve_spot(CHOIR, ONE, limit=10)
    assert await storage.programs.spot_holders(CHOIR) == frozenset()
    assert not await storage.programs.release_spot(CHOIR, ONE)


async def test_programs_for_sale_are_listed_by_title(storage: Storage) -> None:
    titles = ("Debate", "Art", "Chess", "Ärger", "art", "Boxing")
    for number, title in enumerate(titles):
        await storage.programs.add(program(ProgramId(f"id-{number}"), title=title))
    await storage.programs.add(program(CHESS, title="Aikido", is_active=False))

    pages = [await storage.programs.active_page(page=n, size=4) for n in (1, 2, 3)]

    assert [[row.title for row in page.items] for page in pages] == [
        ["Art", "Boxing", "Chess", "Debate"],
        ["art", "Ärger"],
        [],
    ]
    assert [page.total for page in pages] == [6, 6, 6]


async def test_a_listed_program_knows_its_spots(storage: Storage) -> None:
    await storage.programs.add(program(limit=3))
    await storage.programs.reserve_spot(CHOIR, ONE, limit=3)

    page = await storage.programs.active_page(page=1, size=10)

    assert page.items == (program(limit=3, class_rep_count=1),)


async def test_a_spot_is_held_for_a_purchase(storage: Storage) -> None:
    await storage.programs.add(program(limit=1))

    await storage.programs.reserve_spot(CHOIR, ONE, limit=1)

    assert await storage.programs.spot_holders(CHOIR) == {ONE}
    assert (await storage.programs.get(CHOIR)).class_rep_count == 1


@beyond_mongomock(NO_ELEM_MATCH)
async def test_the_spot_a_purchase_holds_is_enough(storage: Storage) -> None:
    await storage.programs.add(program(limit=1))

    for _ in range(3):
        await storage.programs.reserve_spot(CHOIR, ONE, limit=1)

    assert (await storage.programs.get(CHOIR)).class_rep_count == 1


@beyond_mongomock(NO_ELEM_MATCH)
async def test_the_last_spot_is_the_last(storage: Storage) -> None:
    await storage.programs.add(program(limit=1))
    await storage.programs.reserve_spot(CHOIR, ONE, limit=1)

    with pytest.raises(SpotsExhausted) as refusal:
        await storage.programs.reserve_spot(CHOIR, TWO, limit=1)

    assert refusal.value.limit == 1
    assert await storage.programs.spot_holders(CHOIR) == {ONE}


async def test_a_retired_program_gives_no_spots(storage: Storage) -> None:
    await storage.programs.add(program(is_active=False))

    with pytest.raises(ProgramNotFound):
        await storage.programs.reserve_spot(CHOIR, ONE, limit=10)

    assert await storage.programs.spot_holders(CHOIR) == frozenset()


@beyond_mongomock(NO_ELEM_MATCH)
@pytest.mark.parametrize("stale", [0, 1, 5])
async def test_the_present_limit_counts_not_the_one_read(
    storage: Storage, stale: int
) -> None:
    await storage.programs.add(program(limit=2))

    await storage.programs.reserve_spot(CHOIR, ONE, limit=stale)
    await storage.programs.reserve_spot(CHOIR, TWO, limit=stale)
    with pytest.raises(SpotsExhausted) as refusal:
        await storage.programs.reserve_spot(CHOIR, PurchaseId("three"), limit=stale)

    assert refusal.value.limit == 2


@beyond_mongomock(NO_ELEM_MATCH)
@pytest.mark.parametrize("read", [0, 1])
async def test_a_limit_of_zero_is_none(storage: Storage, read: int) -> None:
    await storage.programs.add(program(limit=0))

    for racer in crowd(12):
        await storage.programs.reserve_spot(CHOIR, racer, limit=read)

    assert await storage.programs.spot_holders(CHOIR) == set(crowd(12))


async def test_a_spot_is_given_back_once(storage: Storage) -> None:
    await storage.programs.add(program(limit=1))
    await storage.programs.reserve_spot(CHOIR, ONE, limit=1)

    assert await storage.programs.release_spot(CHOIR, ONE)
    assert not await storage.programs.release_spot(CHOIR, ONE)

    assert (await storage.programs.get(CHOIR)).class_rep_count == 0
    await storage.programs.reserve_spot(CHOIR, TWO, limit=1)
    assert await storage.programs.spot_holders(CHOIR) == {TWO}


async def test_nobody_gives_back_the_spot_of_another(storage: Storage) -> None:
    await storage.programs.add(program())
    await storage.programs.reserve_spot(CHOIR, ONE, limit=10)

    assert not await storage.programs.release_spot(CHOIR, TWO)

    assert await storage.programs.spot_holders(CHOIR) == {ONE}
    assert (await storage.programs.get(CHOIR)).class_rep_count == 1


async def test_spots_of_two_programs_are_apart(storage: Storage) -> None:
    for id_ in (CHOIR, CHESS):
        await storage.programs.add(program(id_, limit=1))
        await storage.programs.reserve_spot(id_, ONE, limit=1)

    assert await storage.programs.release_spot(CHOIR, ONE)
    assert await storage.programs.spot_holders(CHESS) == {ONE}


@beyond_mongomock(NEVER_YIELDS)
async def test_two_hundred_racers_take_ten_spots(storage: Storage) -> None:
    await storage.programs.add(program(limit=10))

    outcomes = await asyncio.gather(
        *(storage.programs.reserve_spot(CHOIR, one, limit=10) for one in crowd(200)),
        return_exceptions=True,
    )

    assert outcomes.count(None) == 10
    assert sum(isinstance(one, SpotsExhausted) for one in outcomes) == 190
    taken = {one for one, end in zip(crowd(200), outcomes, strict=True) if end is None}
    assert await storage.programs.spot_holders(CHOIR) == taken
    assert (await storage.programs.get(CHOIR)).class_rep_count == 10


@beyond_mongomock(NEVER_YIELDS)
async def test_racing_reservations_of_one_purchase_take_one(storage: Storage) -> None:
    await storage.programs.add(program(limit=3))

    await asyncio.gather(
        *(storage.programs.reserve_spot(CHOIR, ONE, limit=3) for _ in range(20))
    )

    assert (await storage.programs.get(CHOIR)).class_rep_count == 1


@beyond_mongomock(NEVER_YIELDS)
async def test_racing_releases_free_one_spot(storage: Storage) -> None:
    await storage.programs.add(program(limit=3))
    for one in (ONE, TWO):
        await storage.programs.reserve_spot(CHOIR, one, limit=3)

    told = await asyncio.gather(
        *(storage.programs.release_spot(CHOIR, ONE) for _ in range(50))
    )

    assert told.count(True) == 1
    assert await storage.programs.spot_holders(CHOIR) == {TWO}
    assert (await storage.programs.get(CHOIR)).class_rep_count == 1


async def test_a_program_without_early_birds_is_read_as_stored(
    storage: Storage,
) -> None:
    terms = program().terms
    nothing = replace(terms.full_price, amount=0)
    plain = replace(terms, early_bird_discount=nothing, early_bird_deadline=None)
    free = replace(plain, full_price=nothing, class_rep_discount=nothing, is_free=True)

    await storage.programs.add(program(terms=plain))
    await storage.programs.add(program(CHESS, terms=free))

    assert (await storage.programs.get(CHOIR)).terms == plain
    assert (await storage.programs.get(CHESS)).terms == free
