"""What is said of another instance, and when this one leaves."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.testing import capture_logs

from application.ports.instances import Instance
from application.stay_alone import Company
from entrypoints.cli.serve import way_out
from entrypoints.http.company import KeepCompany, NotAlone
from entrypoints.http.leaving import Leaving
from tests.contracts.examples import NOON

OLD = Instance(name="old:1", lock="memory", seen_at=NOON, since=NOON)
IN_A_DEPLOY = Company(others=(OLD,), has_elder=True)
OVERDUE = Company(others=(OLD,), has_elder=True, is_overdue=True)
YOUNGER = Company(others=(OLD,), is_overdue=True)
ALONE = Company(is_overdue=True)


async def told(*companies: Company, is_enforced: bool) -> tuple[list[str], list[str]]:
    """Return the levels of what is logged, and why it left."""
    coming = iter(companies)
    left: list[str] = []

    async def beat() -> None:
        pass

    async def look() -> Company:
        return next(coming)

    def leave(why: NotAlone) -> None:
        left.append(str(why))

    keep = KeepCompany(beat=beat, look=look, leave=leave if is_enforced else None)
    with capture_logs() as lines:
        for _ in companies:
            await keep()
    return [line["log_level"] for line in lines], left


async def test_alone_there_is_nothing_to_say() -> None:
    assert await told(ALONE, ALONE, is_enforced=True) == ([], [])


async def test_a_deploy_is_told_once_and_nobody_leaves() -> None:
    assert await told(IN_A_DEPLOY, ALONE, IN_A_DEPLOY, is_enforced=True) == (
        ["info"],
        [],
    )


async def test_who_came_last_leaves_and_says_for_whom_and_what_to_do() -> None:
    levels, [why] = await told(IN_A_DEPLOY, OVERDUE, is_enforced=True)

    assert levels == ["info", "error"]
    assert "old:1 (LOCK_BACKEND=memory)" in why
    assert "LOCK_BACKEND=redis" in why


async def test_who_was_first_stays_and_warns() -> None:
    assert await told(YOUNGER, YOUNGER, is_enforced=True) == (["warning"], [])


async def test_where_nobody_insists_it_is_a_warning() -> None:
    assert await told(IN_A_DEPLOY, OVERDUE, OVERDUE, is_enforced=False) == (
        ["info", "warning"],
        [],
    )


@contextmanager
def terms_heard() -> Iterator[list[int]]:
    """Yield each SIGTERM that reaches this process."""
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        yield heard
    finally:
        signal.signal(signal.SIGTERM, before)


def test_it_leaves_as_a_host_would_end_it_and_says_why() -> None:
    leaving, why = Leaving(), NotAlone("old:1")

    with terms_heard() as heard:
        way_out(leaving)(why)

    assert (heard, leaving.why) == ([signal.SIGTERM], why)


def test_whom_the_host_ends_already_has_no_other_reason() -> None:
    leaving = Leaving()
    leaving.begin()

    with terms_heard() as heard:
        way_out(leaving)(NotAlone("old:1"))

    assert (heard, leaving.why) == ([], None)
