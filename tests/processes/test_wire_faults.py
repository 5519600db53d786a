"""Each database operation meets each fault of the wire.

The operations are those of a clean run just before, so a new one is covered by itself.
"""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from itertools import product
from typing import Final

import pytest

from application.deliver_mail import LEASE
from application.programs_on_hand import KEPT_FOR
from tests.processes.bench import Bench, bench_on
from tests.processes.snapshot import sessions_of
from tests.processes.wire import Fault, Point, points_of
from tests.waiting import eventually

OF_MAIL: Final = re.compile(r"effects\.(confirm|notices)|^update purchases by _id$")
pytestmark = pytest.mark.timeout(240)


def points_seen(bench: Bench, *, of_mail: bool = False) -> list[Point]:
    """Return the operations since `seen` was cleared, the mail loop's or the others."""
    seen = [name for name in bench.wire.seen if bool(OF_MAIL.search(name)) is of_mail]
    return points_of(seen)


def cases(points: list[Point]) -> Iterator[tuple[str, Point, Fault]]:
    """Pair every operation with every fault, and give each pair a buyer."""
    for number, (point, fault) in enumerate(product(points, Fault)):
        yield f"buyer{number}", point, fault


def report(bench: Bench, points: list[Point]) -> None:
    print(  # noqa: T201 -- shown when it fails
        f"{len(points)} operations x {len(Fault)} faults: {Counter(bench.answers)},"
        f" right again after {max(bench.recoveries, default=0):.2f} s at most",
        *points,
        sep="\n",
    )


async def test_a_checkout_is_right_after_any_fault(
    mongo_uri: str, database_name: str
) -> None:
    async with bench_on(mongo_uri, database_name) as bench:
        bench.wire.seen.clear()
        await bench.check_out("ada")
        points = points_seen(bench)
        assert len(points) >= 6
        for buyer, point, fault in cases(points):
            bench.clock.ahead += KEPT_FOR  # so that each reads the program anew
            await bench.strike(point, fault, partial(bench.check_out, buyer))
            await assert_one_of_each(bench, buyer)
        report(bench, points)
        await assert_nothing_is_double(bench, buyers=len(points) * len(Fault) + 1)


async def test_a_webhook_is_right_after_any_fault(
    mongo_uri: str, database_name: str
) -> None:
    async with bench_on(mongo_uri, database_name) as bench:
        event = await bench.payment_by("ada")
        bench.wire.seen.clear()
        await bench.tell(event)
        points = points_seen(bench)
        assert len(points) >= 1
        for buyer, point, fault in cases(points):
            event = await bench.payment_by(buyer)
            await bench.strike(point, fault, partial(bench.tell, event))
            row = await bench.row_of(buyer)
            assert row["status"] == "completed"
            assert [each["to"] for each in row["log"]].count("completed") == 1
        report(bench, points)
        await assert_nothing_is_double(bench, buyers=len(points) * len(Fault) + 1)


async def test_a_cancel_is_right_after_any_fault(
    mongo_uri: str, database_name: str
) -> None:
    async with bench_on(mongo_uri, database_name) as bench:
        page = await bench.page_of("ada")
        bench.wire.seen.clear()
        await bench.service.cancel("ada", page["purchaseId"])
        points = points_seen(bench)
        assert len(points) >= 4
        for buyer, point, fault in cases(points):
            page = await bench.page_of(buyer)

            cancel = partial(bench.service.cancel, buyer, page["purchaseId"])
            await bench.strike(point, fault, cancel)
            assert (await bench.row_of(buyer))["status"] == "closed"
            assert await bench.spots() == []
        report(bench, points)
        sessions = await sessions_of(bench.service.stripe)
        assert {session["status"] for session in sessions} == {"expired"}


async def test_a_mail_goes_out_after_any_fault(
    mongo_uri: str, database_name: str
) -> None:
    """The second copy that is allowed carries the same Message-ID."""
    async with bench_on(mongo_uri, database_name) as bench:
        event = await bench.payment_by("ada")
        bench.wire.seen.clear()
        await bench.tell(event)
        await eventually(is_sent(bench, "ada"))
        points = up_to_the_mark(points_seen(bench, of_mail=True))
        assert len(points) >= 4
        for buyer, point, fault in cases(points):
            event = await bench.payment_by(buyer)
            bench.wire.arm(point, fault)
            assert (await bench.tell(event)).status_code in {200, 503}
            await bench.wire.ended()
            assert (await bench.tell(event)).is_success
            bench.clock.ahead = LEASE
            bench.service.container.bell().ring()
            await eventually(is_sent(bench, buyer), within=15)
            bench.clock.ahead -= LEASE
        report(bench, points)
        await assert_mails(bench, buyers=len(points) * len(Fault) + 1)


async def test_a_black_hole_of_five_seconds_is_survived(
    mongo_uri: str, database_name: str
) -> None:
    """The one with the real times, at the write that takes the spot."""
    async with bench_on(mongo_uri, database_name, scale=1) as bench:
        bench.wire.seen.clear()
        await bench.check_out("ada")
        [point] = [
            p for p in points_seen(bench) if p.name.startswith("update programs")
        ]
        await bench.strike(point, Fault.BLACK_HOLE, lambda: bench.check_out("grace"))
        await assert_one_of_each(bench, "grace")
        assert bench.answers == [503]
        await assert_nothing_is_double(bench, buyers=2)


async def assert_one_of_each(bench: Bench, buyer: str) -> None:
    row = await bench.row_of(buyer)
    assert row["status"] == "pending"
    assert (await bench.spots()).count(row["_id"]) == 1
    sessions = await sessions_of(bench.service.stripe)
    named = [session["client_reference_id"] for session in sessions]
    assert named.count(row["_id"]) == 1


async def assert_nothing_is_double(bench: Bench, *, buyers: int) -> None:
    """Look once more at the end: a write may arrive late."""
    rows = await bench.truth["purchases"].find({}).to_list()
    assert len(rows) == len({row["user_id"] for row in rows}) == buyers
    assert sorted(await bench.spots()) == sorted(row["_id"] for row in rows)
    assert len(await sessions_of(bench.service.stripe)) == buyers


def up_to_the_mark(points: list[Point]) -> list[Point]:
    """Drop the next look, which finds nothing more to send."""
    [*_, mark] = [point for point in points if point.name.startswith("update")]
    return points[: points.index(mark) + 1]


def is_sent(bench: Bench, buyer: str) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        mail = (await bench.row_of(buyer))["effects"].get("confirm")
        return mail is not None and mail["state"] == "sent"

    return look


async def assert_mails(bench: Bench, *, buyers: int) -> None:
    copies = Counter(str(mail["Message-ID"]) for mail in bench.service.mail.messages())
    print(f"{copies.total() - len(copies)} second copies")  # noqa: T201
    assert len(copies) == buyers
    for row in await bench.truth["purchases"].find({}).to_list():
        mail = row["effects"]["confirm"]
        assert 1 <= copies[mail["message_id"]] <= mail["tries"]
