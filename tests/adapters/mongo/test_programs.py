"""What only a database can hold: a limit lowered under its use, a program retired."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.mongo.programs import MADE_MAX
from application.ports.programs import TermsChanged
from application.ports.storage import StorageUnavailable
from domain.class_rep import HOLDERS_MAX, ClassRepSpots, SpotsExhausted
from domain.ids import ProgramId, PurchaseId
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.examples import CHOIR, program

ONE = PurchaseId("one")
TWO = PurchaseId("two")


async def alter(mongo: Mongo, **fields: object) -> None:
    await mongo.rows("programs").update_one({"_id": CHOIR}, {"$set": fields})


async def test_a_spot_held_is_enough_though_the_program_is_retired(
    mongo: Mongo,
) -> None:
    await mongo.programs.add(program())
    await mongo.programs.reserve_spot(CHOIR, ONE, limit=10)
    await alter(mongo, active=False)

    await mongo.programs.reserve_spot(CHOIR, ONE, limit=10)

    assert (await mongo.row("programs", CHOIR))["class_rep_count"] == 1


async def test_a_limit_below_its_use_evicts_nobody(mongo: Mongo) -> None:
    await mongo.programs.add(program(limit=3))
    for name in ("one", "two", "three"):
        await mongo.programs.reserve_spot(CHOIR, PurchaseId(name), limit=3)
    await alter(mongo, class_rep_limit=1)

    assert await mongo.programs.release_spot(CHOIR, ONE)
    with pytest.raises(SpotsExhausted):
        await mongo.programs.reserve_spot(CHOIR, ONE, limit=3)

    assert await mongo.programs.spot_holders(CHOIR) == {"two", "three"}
    assert (await mongo.programs.get(CHOIR)).class_rep_count == 2


async def test_even_without_a_limit_there_is_an_end(mongo: Mongo) -> None:
    await mongo.programs.add(program(limit=0))
    await alter(mongo, class_rep_count=HOLDERS_MAX - 1)

    await mongo.programs.reserve_spot(CHOIR, ONE, limit=0)
    with pytest.raises(SpotsExhausted):
        await mongo.programs.reserve_spot(CHOIR, TWO, limit=0)


async def test_what_reads_as_before_is_not_made_anew(mongo: Mongo) -> None:
    await mongo.programs.add(program())
    first, again = [await mongo.programs.get(CHOIR) for _ in range(2)]
    await alter(mongo, title="Men's choir")
    changed = await mongo.programs.get(CHOIR)

    assert again is first
    assert changed == replace(first, title="Men's choir")


async def test_so_many_programs_are_remembered_and_no_more(mongo: Mongo) -> None:
    ids = [ProgramId(f"choir-{n}") for n in range(MADE_MAX + 1)]
    for program_id in ids:
        await mongo.programs.add(replace(program(), id=program_id))

    first, *_, last = [await mongo.programs.get(it) for it in ids]

    assert await mongo.programs.get(last.id) is last
    assert await mongo.programs.get(first.id) is not first


async def test_a_row_without_a_revision_is_at_the_first(mongo: Mongo) -> None:
    before = program()
    await mongo.programs.add(before)
    await mongo.rows("programs").update_one({"_id": CHOIR}, {"$unset": {"rev": ""}})

    await mongo.programs.reserve_spot(CHOIR, ONE, limit=10, revision=1)
    with pytest.raises(TermsChanged):
        await mongo.programs.reserve_spot(CHOIR, TWO, limit=10, revision=2)
    after = replace(before, title="Opera", revision=2)
    assert await mongo.programs.change(before, after, drain=False)

    with pytest.raises(TermsChanged):
        await mongo.programs.reserve_spot(CHOIR, TWO, limit=10, revision=1)
    assert await mongo.programs.spot_holders(CHOIR) == {ONE}
    assert (await mongo.programs.get(CHOIR)).revision == 2


async def test_an_endless_disagreement_ends(mongo: Mongo) -> None:
    """1 is true for Python and not for the filter."""
    await mongo.programs.add(program())
    await alter(mongo, active=1)
    mongo.trips.commands.clear()

    with pytest.raises(StorageUnavailable):
        await mongo.programs.reserve_spot(CHOIR, ONE, limit=10)

    assert mongo.trips.commands == ["update", "find"] * 3


steps = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["ann", "bob", "cleo", "dan"])),
    max_size=25,
)


@given(limit=st.integers(0, 3), steps=steps)
@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_spots_are_what_the_rules_say(
    mongo: Mongo, limit: int, steps: list[tuple[bool, str]]
) -> None:
    await mongo.rows("programs").delete_many({})
    await mongo.programs.add(program(limit=limit))
    model = ClassRepSpots(limit=limit)

    for reserves, name in steps:
        who = PurchaseId(name)
        if reserves:
            model = await reserved(mongo, model, who)
        else:
            told = await mongo.programs.release_spot(CHOIR, who)
            assert told == (who in model.holders)
            model = model.release(who)

    assert await mongo.programs.spot_holders(CHOIR) == model.holders
    assert (await mongo.programs.get(CHOIR)).class_rep_count == model.taken


async def reserved(
    mongo: Mongo, model: ClassRepSpots, who: PurchaseId
) -> ClassRepSpots:
    """Reserve in both; they must agree on whether it is possible."""
    reserve = mongo.programs.reserve_spot(ProgramId(CHOIR), who, limit=model.limit)
    try:
        after = model.reserve(who)
    except SpotsExhausted:
        with pytest.raises(SpotsExhausted):
            await reserve
        return model
    await reserve
    return after
