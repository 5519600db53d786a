"""What the doctor concludes from what Stripe lists; the lists are a stand-in's."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from application.check_webhooks import CheckEndpoint, CheckSecrets
from application.examine import Examine
from application.ports.probes import Endpoint, ToldEvent
from domain.checkups import Verdict, overall
from entrypoints.simulation.outside.clock import NOON, ManualClock

URL = "https://shop.example/api/webhooks/stripe"
SECRET = "whsec_" + "x" * 32
OURS = Endpoint(
    id="we_1",
    url=URL,
    is_enabled=True,
    kinds=frozenset({"*"}),
    api_version="2026-10-28.endive",
    livemode=False,
)


@dataclass
class FakeProbe:
    listed: list[Endpoint] = field(default_factory=lambda: [OURS])
    told: list[ToldEvent] = field(default_factory=list)
    api_version: str = "2026-10-28.endive"
    kinds: frozenset[str] = frozenset({"refund.created", "charge.refunded"})

    async def livemode(self) -> bool:
        return False

    async def skew(self) -> timedelta:
        return timedelta()

    async def missing_rights(self) -> Sequence[str]:
        return ()

    async def endpoints(self) -> Sequence[Endpoint]:
        return self.listed

    async def told_since(self, since: datetime) -> Sequence[ToldEvent]:
        return [each for each in self.told if each.created_at >= since]


def event(minutes: int, *, untold: int) -> ToldEvent:
    at = NOON - timedelta(minutes=minutes)
    return ToldEvent(id=f"evt_{minutes}", created_at=at, untold=untold)


async def verdict(probe: FakeProbe) -> Verdict:
    check = CheckEndpoint(livemode=False, probe=probe, url=URL)
    return (await check()).verdict


async def of_secrets(probe: FakeProbe, *secrets: str) -> Verdict:
    check = CheckSecrets(
        clock=ManualClock(NOON), probe=probe, secrets=secrets or (SECRET,), url=URL
    )
    return (await check()).verdict


async def test_an_endpoint_is_ours_by_its_address() -> None:
    assert await verdict(FakeProbe()) is Verdict.FINE
    slash = replace(OURS, url=f"{URL}/")
    assert await verdict(FakeProbe(listed=[slash])) is Verdict.FINE
    other = replace(OURS, url="https://shop.example/other")
    assert await verdict(FakeProbe(listed=[other])) is Verdict.BROKEN


async def test_kinds_may_be_named_one_by_one_and_none_may_be_missing() -> None:
    every = replace(OURS, kinds=FakeProbe().kinds | {"invoice.paid"})
    fewer = replace(OURS, kinds=frozenset({"refund.created"}))

    assert await verdict(FakeProbe(listed=[every])) is Verdict.FINE
    assert await verdict(FakeProbe(listed=[fewer])) is Verdict.BROKEN
    assert await verdict(FakeProbe(listed=[every, fewer])) is Verdict.BROKEN


async def test_a_version_of_the_same_release_will_do() -> None:
    month_before = replace(OURS, api_version="2026-09-30.endive")
    by_account = replace(OURS, api_version=None)

    assert await verdict(FakeProbe(listed=[month_before])) is Verdict.FINE
    assert await verdict(FakeProbe(listed=[by_account])) is Verdict.WARNING


async def test_an_endpoint_of_the_other_mode_is_not_ours() -> None:
    live = replace(OURS, livemode=True)

    assert await verdict(FakeProbe(listed=[live])) is Verdict.BROKEN


async def test_what_is_being_delivered_now_proves_nothing_yet() -> None:
    under_way = FakeProbe(told=[event(1, untold=1)])
    with_older = FakeProbe(told=[event(1, untold=1), event(60, untold=0)])

    assert await of_secrets(under_way) is Verdict.WARNING
    assert await of_secrets(with_older) is Verdict.FINE


async def test_the_newest_event_that_is_due_decides() -> None:
    mended = FakeProbe(told=[event(60, untold=1), event(10, untold=0)])
    broke = FakeProbe(told=[event(10, untold=1), event(60, untold=0)])

    assert await of_secrets(mended) is Verdict.FINE
    assert await of_secrets(broke) is Verdict.BROKEN


OTHER = replace(OURS, id="we_2", url="https://elsewhere.example/hook")


@pytest.mark.parametrize("listed", [[], [OTHER], [replace(OURS, is_enabled=False)]])
async def test_without_an_endpoint_of_ours_no_event_proves_a_secret(
    listed: list[Endpoint],
) -> None:
    taken = FakeProbe(listed=listed, told=[event(60, untold=0)])

    assert await of_secrets(taken) is Verdict.WARNING


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (OTHER, Verdict.WARNING),
        (replace(OTHER, is_enabled=False), Verdict.BROKEN),
    ],
)
async def test_what_another_endpoint_may_not_have_taken_is_a_warning(
    other: Endpoint, expected: Verdict
) -> None:
    probe = FakeProbe(listed=[OURS, other], told=[event(60, untold=1)])

    assert await of_secrets(probe) is expected


async def test_a_secret_may_be_rolled() -> None:
    proven = FakeProbe(told=[event(60, untold=0)])

    assert await of_secrets(proven, SECRET, f"{SECRET}2") is Verdict.FINE


class Stumbles:
    name = "stumbles"

    async def __call__(self) -> None:
        raise ZeroDivisionError


async def test_a_check_that_stumbles_is_unseen_and_hides_no_other() -> None:
    fine = CheckEndpoint(livemode=False, probe=FakeProbe(), url=URL)
    broken = CheckEndpoint(livemode=True, probe=FakeProbe(), url=URL)

    found = await Examine(checks=[Stumbles(), fine])()  # type: ignore[list-item]

    assert [each.verdict for each in found] == [Verdict.UNSEEN, Verdict.FINE]
    assert overall(found) is Verdict.UNSEEN
    assert overall([*found, await broken()]) is Verdict.BROKEN
