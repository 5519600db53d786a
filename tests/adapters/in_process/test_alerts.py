"""Each alert goes every way, and none of the ways too often."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.in_process.alerts import HELD_MAX, PAUSE, SpreadAlerts, alerts_of
from application.ports.alerts import Alert, AlertNotTold, Bundle
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.clock import ManualClock


def alert(number: int = 0, *, code: str = "orphan_payment") -> Alert:
    return Alert(code=code, message="It came.", next_step="Look.", facts={"n": number})


@dataclass
class Way:
    """Takes what it is told, unless it is broken."""

    name: str = "drum"
    error: Exception | None = None
    told: list[Bundle] = field(default_factory=list)

    async def tell(self, bundle: Bundle) -> None:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.told.append(bundle)


def numbers(bundle: Bundle) -> list[object]:
    return [each.facts["n"] for each in bundle.alerts]


class Spread:
    def __init__(self, *ways: Way) -> None:
        self.ways = ways or (Way(),)
        self.log, self.clock = RecordingAlerts(), ManualClock()
        self.alerts = SpreadAlerts(self.log, self.ways, self.clock)

    async def send(self, *alerts: Alert) -> None:
        for each in alerts:
            await self.alerts.send(each)
        await asyncio.gather(*self.alerts._on_their_way)

    async def flush(self, after: timedelta) -> None:
        self.clock.advance(after)
        await self.alerts.flush()
        await asyncio.gather(*self.alerts._on_their_way)


async def test_it_is_written_down_and_goes_every_way() -> None:
    one, other = Way(), Way(name="flag")
    spread = Spread(one, other)
    await spread.send(alert())
    assert spread.log.sent == [alert()]
    assert one.told == other.told == [Bundle(alerts=(alert(),))]


async def test_what_comes_in_a_row_is_held_back_and_goes_out_by_itself() -> None:
    spread = Spread()
    await spread.send(*map(alert, range(4)), alert(9, code="another"))
    [way] = spread.ways
    assert [numbers(bundle) for bundle in way.told] == [[0], [9]]

    await spread.flush(PAUSE - timedelta(seconds=1))
    assert len(way.told) == 2
    await spread.flush(timedelta(seconds=1))
    assert numbers(way.told[2]) == [1, 2, 3]
    await spread.flush(PAUSE)
    assert len(way.told) == 3
    assert len(spread.log.sent) == 5


async def test_what_was_held_back_goes_with_the_next_one_if_that_is_sooner() -> None:
    spread = Spread()
    await spread.send(alert(0), alert(1))
    spread.clock.advance(PAUSE)
    await spread.send(alert(2))
    [way] = spread.ways
    assert [numbers(bundle) for bundle in way.told] == [[0], [2, 1]]


async def test_what_goes_out_late_begins_a_pause_too() -> None:
    spread = Spread()
    await spread.send(alert(0), alert(1))
    await spread.flush(PAUSE)
    await spread.send(alert(2))
    [way] = spread.ways
    assert [numbers(bundle) for bundle in way.told] == [[0], [1]]


async def test_a_flood_is_counted() -> None:
    spread = Spread()
    await spread.send(*map(alert, range(HELD_MAX + 8)))
    await spread.flush(PAUSE)
    [way] = spread.ways
    assert (len(way.told[1].alerts), way.told[1].more) == (HELD_MAX, 7)


async def test_nothing_is_held_back_when_the_service_stops() -> None:
    spread = Spread()
    await spread.alerts.send(alert(0))
    await spread.alerts.send(alert(1))
    await spread.alerts.delivered()
    [way] = spread.ways
    assert [numbers(bundle) for bundle in way.told] == [[0], [1]]


async def test_a_broken_way_breaks_no_other_and_is_told_to_the_log() -> None:
    broken = Way(name="flag", error=AlertNotTold("HTTP 500"))
    buggy = Way(name="smoke", error=ZeroDivisionError("ada@mail.example"))
    spread = Spread(broken, buggy, Way())
    await spread.send(alert())
    assert len(spread.ways[2].told) == 1
    assert [(note.facts["way"], note.facts["why"]) for note in spread.log.sent[1:]] == [
        ("flag", "HTTP 500"),
        ("smoke", "ZeroDivisionError"),
    ]


async def test_delivering_waits_and_says_whether_anybody_took_it() -> None:
    working, broken = Way(), Way(error=AlertNotTold("down"))
    assert await Spread(working, broken).alerts.deliver(alert())
    assert not await Spread(broken).alerts.deliver(alert())
    spread = Spread(working)
    for _ in range(3):
        assert await spread.alerts.deliver(alert())
    assert len(working.told) == 4  # whoever remembers holds nothing back


async def test_without_a_way_there_is_the_log() -> None:
    log = RecordingAlerts()
    assert alerts_of(log, [None, None], ManualClock()) is log
    assert await log.deliver(alert())


async def test_a_way_that_never_answers_has_not_taken_it_and_holds_nobody_up() -> None:
    class Silent(Way):
        async def tell(self, bundle: Bundle) -> None:
            await asyncio.Event().wait()

    log, soon = RecordingAlerts(), timedelta(milliseconds=10)
    alerts = SpreadAlerts(log, [Silent()], ManualClock(), way_max=soon)

    async with asyncio.timeout(10):
        assert not await alerts.deliver(alert())

    assert log.codes == ["orphan_payment", "alert_not_told"]
    assert log.sent[1].facts["why"] == "TimeoutError"
