from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outbox import MailState, OutgoingMail
from entrypoints.simulation.outside.clock import NOON
from tests.examples import CONFIRMATION

SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(minutes=2)
JITTER = st.floats(0, 1, exclude_max=True)


def tried(times: int) -> OutgoingMail:
    mail = CONFIRMATION
    for _ in range(times):
        mail = mail.lease(by="one", until=LATER)
    return mail


def test_a_new_mail_is_due_from_its_moment_on() -> None:
    assert CONFIRMATION.is_due(NOON)
    assert not CONFIRMATION.is_due(NOON - SECOND)


def test_a_leased_mail_is_due_once_its_lease_ended() -> None:
    leased = CONFIRMATION.lease(by="one", until=LATER)

    assert (leased.state, leased.tries, leased.leased_by) == (
        MailState.LEASED,
        1,
        "one",
    )
    assert not leased.is_due(LATER - SECOND)
    assert leased.is_due(LATER)


def test_a_sent_mail_is_never_due_again() -> None:
    sent = tried(1).sent()

    assert (sent.state, sent.leased_by) == (MailState.SENT, None)
    assert not sent.is_due(NOON + timedelta(days=365))


@pytest.mark.parametrize(
    ("tries", "pause"),
    [
        *((1, 15), (2, 30), (3, 60), (4, 120), (5, 240), (6, 480), (7, 960)),
        *((8, 1_920), (9, 3_840), (10, 7_680), (11, 15_360)),
    ],
)
@given(jitter=JITTER)
def test_each_pause_is_twice_the_one_before_and_jitter_stays_in_its_second_half(
    tries: int, pause: int, jitter: float
) -> None:
    failed = tried(tries).failed(at=NOON, jitter=jitter)

    assert (failed.state, failed.leased_by) == (MailState.DUE, None)
    assert failed.tries == tries
    waits = failed.until - NOON
    assert pause * SECOND / 2 <= waits <= pause * SECOND


def test_jitter_spreads_over_the_whole_second_half() -> None:
    first, last = (tried(1).failed(at=NOON, jitter=j).until for j in (0.0, 1.0))

    assert (first - NOON, last - NOON) == (7.5 * SECOND, 15 * SECOND)


def test_after_twelve_tries_a_human_must_help() -> None:
    dead = tried(12).failed(at=NOON, jitter=0)

    assert (dead.state, dead.leased_by) == (MailState.DEAD, None)
    assert not dead.is_due(NOON + timedelta(days=365))


@pytest.mark.parametrize(("tries", "is_spent"), [(0, False), (11, False), (12, True)])
def test_a_mail_is_spent_after_twelve_tries_even_if_nobody_reported_them(
    tries: int, *, is_spent: bool
) -> None:
    assert tried(tries).is_spent is is_spent


@given(st.lists(st.sampled_from(["lease", "failed"])), JITTER)
def test_no_step_changes_the_message_id(steps: list[str], jitter: float) -> None:
    mail = CONFIRMATION
    for step in steps:
        if step == "lease":
            mail = mail.lease(by="one", until=LATER)
        elif mail.tries:
            mail = mail.failed(at=NOON, jitter=jitter)

        assert mail.message_id == CONFIRMATION.message_id
