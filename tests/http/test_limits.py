from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.http.limits import MovingWindow, is_loopback
from tests.http.people import ADA, GRACE
from tests.http.service import (
    CREATE,
    WEBHOOK,
    Http,
    Service,
    refused,
    settings,
)

TOO_MANY = (429, "rate_limited", "Too many requests; please wait.")


class Stopwatch:
    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


def test_so_many_pass_and_then_one_waits_until_the_first_is_over() -> None:
    watch = Stopwatch()
    window = MovingWindow("2/minute", now=watch)

    assert window.hit("ada") == 0
    watch.at += 20
    assert window.hit("ada") == 0
    watch.at += 10
    assert window.hit("ada") == 30
    watch.at += 29.5
    assert window.hit("ada") == 1
    watch.at += 0.5
    assert window.hit("ada") == 0
    assert window.hit("ada") == 20


def test_keys_do_not_know_each_other() -> None:
    window = MovingWindow("1/hour", now=Stopwatch())

    assert [window.hit("ada"), window.hit("grace")] == [0, 0]
    assert window.hit("ada") == 3600


def test_what_is_over_is_forgotten() -> None:
    watch = Stopwatch()
    window = MovingWindow("5/second", now=watch)
    for number in range(100):
        window.hit(f"buyer {number}")
    assert len(window) == 100

    watch.at += 1
    window.hit("one more")

    assert len(window) == 1


def test_who_came_again_is_remembered_and_who_did_not_is_not() -> None:
    watch = Stopwatch()
    window = MovingWindow("5/minute", now=watch)
    for key, later in (("ada", 0), ("grace", 10), ("ada", 40), ("ada", 25)):
        watch.at += later
        window.hit(key)

    assert len(window) == 2  # ada's last two


def test_a_rate_that_nobody_reaches_remembers_no_more_than_its_stretch() -> None:
    watch = Stopwatch()
    window = MovingWindow("1000000/minute", now=watch)

    for _ in range(600):
        watch.at += 1
        assert window.hit("ada") == 0

    assert len(window) == 60


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 30)), max_size=60),
    st.integers(1, 4),
)
def test_no_stretch_ever_sees_more_than_the_limit(
    hits: list[tuple[str, float]], amount: int
) -> None:
    watch = Stopwatch()
    window = MovingWindow(f"{amount}/minute", now=watch)
    passed: list[tuple[str, float]] = []
    for key, later in hits:
        watch.at += later
        if window.hit(key) == 0:
            passed.append((key, watch.at))
    for _, start in passed:
        inside = Counter(key for key, at in passed if start <= at < start + 60)
        assert all(count <= amount for count in inside.values())


def limited(*, address: str = "203.0.113.7", **changes: str) -> tuple[Service, Http]:
    service = Service(settings=settings(**changes))
    service.sell()
    return service, Http(service.app, address=address)


async def test_checkout_and_retry_share_a_buyers_limit() -> None:
    _, http = limited(rate_limit_checkout="2/minute")
    begun = await http.buy(ADA)
    path = f"/api/purchases/retry/{begun['purchaseId']}"
    assert (await http.post(path, by=ADA)).status_code == 200

    third = await http.post(path, by=ADA)
    fourth = await http.post(CREATE, by=ADA, json={"programId": "choir"})
    hers = await http.post(CREATE, by=GRACE, json={"programId": "choir"})

    assert refused(third) == refused(fourth) == TOO_MANY
    assert 1 <= int(third.headers["retry-after"]) <= 60
    assert hers.status_code == 200


async def test_cancelling_has_its_own_limit() -> None:
    _, http = limited(rate_limit_cancel="1/minute", rate_limit_checkout="1/minute")
    begun, hers = await http.buy(ADA), await http.buy(GRACE)
    path = f"/api/purchases/{begun['purchaseId']}"

    assert (await http.delete(path, by=ADA)).status_code == 200
    assert refused(await http.delete(path, by=ADA)) == TOO_MANY
    assert (await http.get(path, by=ADA)).status_code == 200
    path = f"/api/purchases/{hers['purchaseId']}"
    assert (await http.delete(path, by=GRACE)).status_code == 200


async def test_many_buyers_of_one_address_share_its_limit() -> None:
    service, http = limited(rate_limit_address="1/minute")
    await http.buy(ADA)
    elsewhere = Http(service.app, address="198.51.100.9")

    here = await http.post(CREATE, by=GRACE, json={"programId": "choir"})

    assert refused(here) == TOO_MANY
    assert await elsewhere.buy(GRACE)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.8.8"])
async def test_in_development_the_own_machine_has_no_address_limit(
    address: str,
) -> None:
    _, http = limited(
        address=address, app_env="development", rate_limit_address="1/minute"
    )
    await http.buy(ADA)

    assert await http.buy(GRACE)


@pytest.mark.parametrize(
    ("app_env", "address"), [("test", "127.0.0.1"), ("development", "203.0.113.7")]
)
async def test_elsewhere_it_has(app_env: str, address: str) -> None:
    _, http = limited(address=address, app_env=app_env, rate_limit_address="1/minute")
    await http.buy(ADA)

    response = await http.post(CREATE, by=GRACE, json={"programId": "choir"})

    assert refused(response) == TOO_MANY


async def test_the_webhook_is_limited_by_address() -> None:
    service, http = limited(rate_limit_webhook="1/minute")

    assert refused(await http.post(WEBHOOK, content=b"x"))[0] == 400
    assert refused(await http.post(WEBHOOK, content=b"x")) == TOO_MANY
    elsewhere = Http(service.app, address="198.51.100.9")
    assert refused(await elsewhere.post(WEBHOOK, content=b"x"))[0] == 400


async def test_who_is_not_signed_in_uses_up_nobodys_limit() -> None:
    _, http = limited(rate_limit_checkout="1/minute", rate_limit_address="1/minute")
    for _ in range(3):
        assert refused(await http.post(CREATE, json={}))[0] == 401

    assert await http.buy(ADA)


async def test_a_forwarded_address_counts_only_behind_our_proxy() -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.1"}
    choir = {"programId": "choir"}

    _, spoofing = limited(rate_limit_address="1/minute")
    await spoofing.post(CREATE, by=ADA, json=choir)
    spoofed = await spoofing.post(CREATE, by=GRACE, json=choir, headers=forwarded)
    assert refused(spoofed) == TOO_MANY

    _, proxied = limited(
        rate_limit_address="1/minute", trusted_proxies="203.0.113.0/24"
    )
    await proxied.post(CREATE, by=ADA, json=choir)
    other = await proxied.post(CREATE, by=GRACE, json=choir, headers=forwarded)
    assert other.status_code == 200


async def test_behind_our_proxy_the_buyers_own_word_counts_for_nothing() -> None:
    _, http = limited(rate_limit_address="1/minute", trusted_proxies="203.0.113.7")
    answers = [
        await http.post(
            CREATE,
            by=person,
            json={"programId": "choir"},
            headers={"X-Forwarded-For": f"{invented}, 198.51.100.1"},
        )
        for person, invented in ((ADA, "10.0.0.1"), (GRACE, "10.0.0.2"))
    ]

    assert [answer.status_code for answer in answers] == [200, 429]


def test_what_is_no_address_is_not_the_own_machine() -> None:
    assert not any(map(is_loopback, ("", "unknown", "localhost.example", "10.0.0.1")))
