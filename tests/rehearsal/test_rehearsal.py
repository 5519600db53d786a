"""A rehearsal says what the real run then does, and does none of it."""

from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

import pytest
from dependency_injector.errors import Error

from application.errors import ApplicationError
from application.ports.event_log import EventState
from application.ports.payment_events import EventKind, PaymentEvent
from application.ports.storage import StorageUnavailable
from application.start_checkout import StartCheckoutCommand
from domain.ids import BuyerId, ProgramId, PurchaseId
from domain.purchase import Status
from entrypoints.rehearsal.closed import NotRehearsed, closed
from entrypoints.rehearsal.picture import Picture, differences
from entrypoints.rehearsal.rehearsal import Rehearsal
from entrypoints.simulation.outside.programs import InMemoryProgramRepository
from tests.application.world import World, intent_of, session_of
from tests.examples import CHOIR, GRACE
from tests.rehearsal.stories import STORIES, Story, paid

ASKS_ONLY: Final = frozenset(
    {
        "payments.event",
        "payments.get_session",
        "payments.find_session",
        "payments.get_refund",
        "payments.intent_state",
        "payments.owner_of",
        "payments.payment_method",
        "payments.refunds_of",
    }
)


OPEN: Final = frozenset({EventState.QUARANTINED, EventState.GIVEN_UP})


def picture(world: World) -> Picture:
    """Everything that is stored."""
    held = world.event_log.rows.values()
    return deepcopy(
        Picture(
            purchases=world.store.rows,
            spots=world.programs.holders,
            orphans=world.orphans.stored,
            events={h.event.id: h for h in held if h.state in OPEN},
        )
    )


def dump(world: World) -> Any:
    """All that a database would hold, and all that anybody was told."""
    return deepcopy(
        (
            vars(world.store),
            world.programs.holders,
            world.programs.stored,
            world.orphans.stored,
            world.event_log.rows,
            world.event_log.noted,
            world.turns.until,
            world.turns.marks,
            world.payments.sessions,
            world.refunds.refunds,
            world.alerts.sent,
            world.mailer.letters,
            world.bell.rung,
        )
    )


def anonymous(lines: list[str], world: World, event: PaymentEvent) -> list[str]:
    named = [line.replace(event.id, "E") for line in lines]
    for row in world.rows:
        named = [line.replace(row.id, "P") for line in named]
    return named


@pytest.mark.parametrize("story", STORIES)
async def test_a_rehearsal_lists_what_the_real_run_then_changes(story: Story) -> None:
    world = World()
    event = await story(world)
    before, asked = dump(world), len(world.gate.moments)
    seen = picture(world)
    told = len(world.alerts.sent)

    rehearsal = Rehearsal(world.service)
    rehearsed = await rehearsal.use_cases.quarantine().replay_event()(event.id)

    # Nothing is changed, and the provider is asked only what changes nothing.
    assert dump(world) == before
    calls = {moment.partition(" ")[2] for moment in world.gate.moments[asked:]}
    assert {call for call in calls if call.startswith("payments.")} <= ASKS_ONLY

    outcome = await world.service.quarantine().replay_event()(event.id)

    changed = list(differences(seen, picture(world)))
    alerts = [f"alert {a.code}: {a.message}" for a in world.alerts.sent[told:]]
    assert rehearsal.changes() == [*changed, *alerts]
    assert rehearsed is outcome
    assert anonymous(changed, world, event) == STORIES[story]


async def test_every_kind_of_event_has_its_story() -> None:
    kinds = {(await story(World())).kind for story in STORIES}

    assert kinds == set(EventKind) - {EventKind.OTHER}


async def test_a_rehearsal_sees_its_own_changes_and_no_other_does() -> None:
    world = World()
    event = await paid(world)
    rehearsal, another = Rehearsal(world.service), Rehearsal(world.service)

    for _ in range(2):
        await rehearsal.use_cases.quarantine().replay_event()(event.id)

    assert anonymous(rehearsal.changes(), world, event) == STORIES[paid]
    assert another.changes() == []


async def test_what_the_provider_would_be_asked_to_change_is_said_and_not_asked() -> (
    None
):
    world = World()
    purchase = (await world.check_out()).purchase
    bought = await world.bought(GRACE)
    world.payments.lose_request("create_refund")
    await world.ask_refund(bought)
    before = dump(world)
    world.gate.forget()
    rehearsal = Rehearsal(world.service)
    use_cases = rehearsal.use_cases

    closing = await use_cases.cancel_purchase()(purchase.buyer.id, purchase.id)
    await use_cases.drive_money()(world.row(bought), by="test")
    with pytest.raises(ApplicationError):
        await use_cases.start_checkout()(
            StartCheckoutCommand(
                buyer=replace(GRACE, id=BuyerId("hopper")),
                program_id=CHOIR,
                as_class_rep=False,
            )
        )

    assert closing.status is Status.CLOSING
    (begun,) = rehearsal.purchases.store.rows.keys() - world.store.rows.keys()
    assert rehearsal.wishes.said == [
        f"expire session {session_of(purchase)}",
        f"refund 8000 minor units of payment {intent_of(bought)}",
        f"open a session for purchase {begun}",
    ]
    assert f"purchase {begun}: begun, reserved" in rehearsal.changes()
    assert dump(world) == before
    calls = {call for call in world.gate.calls if call.startswith("payments.")}
    assert calls <= ASKS_ONLY


async def test_what_writes_through_a_port_that_is_not_rehearsed_does_not_run() -> None:
    world = World()
    await world.bought()
    rehearsal = Rehearsal(world.service)

    with pytest.raises(Error, match="not defined"):
        rehearsal.use_cases.deliver_mail()

    assert not world.mailer.letters


class ProgramsWithANewCall(InMemoryProgramRepository):
    async def retire(self) -> None:
        raise AssertionError("rows that were never fetched were decided about")


@closed
class RehearsedBeforeTheNewCall(ProgramsWithANewCall):
    """Its author had not heard of the new call."""

    async def spot_holders(self, program_id: ProgramId) -> frozenset[PurchaseId]:
        return frozenset({PurchaseId(program_id)})


async def test_a_call_that_nobody_thought_about_is_not_rehearsed() -> None:
    programs = RehearsedBeforeTheNewCall()

    assert await programs.spot_holders(CHOIR) == {PurchaseId(CHOIR)}
    with pytest.raises(NotRehearsed, match="retire"):
        await programs.retire()


async def test_a_rehearsal_that_cannot_read_says_so() -> None:
    world = World()
    event = await paid(world)
    world.gate.fail_once("before purchases.get", StorageUnavailable())

    with pytest.raises(StorageUnavailable):
        await Rehearsal(world.service).use_cases.quarantine().replay_event()(event.id)
