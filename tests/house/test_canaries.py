"""The canaries sing when they should: what they look for in all logs, they find."""

import pytest

from tests.canaries import leaks
from tests.servers.service import JWT_SECRET, bearer


@pytest.mark.parametrize(
    "said",
    [
        bearer("ada")["Authorization"],
        "sk_test_spothold",
        "rk_live_1",
        "whsec_of_the_tests",
        JWT_SECRET,
        "smtp://user:password@mail.example",
        "to ada@example.org",
        "Ada Lovelace bought it",
        "t=1,v1=" + "a0" * 32,
        "4242 4242 4242 4242",
        "card 5555555555554444.",
        "378282246310005",
    ],
)
def test_what_no_log_may_hold_is_found(said: str) -> None:
    assert list(leaks(f"2026-11-23 [info] request {said}"))


@pytest.mark.parametrize(
    "said",
    [
        "purchase_id=cd072cd8be6f9f62ac4c09c28206e7e3 buyer=fdee430d40bd",
        "session_id=cs_test_0123456789 event_id=evt_1",
        "timestamp=2026-11-23T14:09:26.886378Z ms=4242424242424",
        "4242424242424241",
        "mongodb://127.0.0.1:27017/?replicaSet=rs0",
        "EMAIL_FROM=[redacted]",
    ],
)
def test_what_a_log_is_for_is_left_alone(said: str) -> None:
    assert not list(leaks(said))
