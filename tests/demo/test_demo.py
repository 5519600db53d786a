"""The whole demo, started as a person would."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from entrypoints.demo.folder import DemoFolder
from entrypoints.storefront.demo_people import BY_KEY, DemoSigner
from tests.demo.running import RunningDemo, on_free_ports, running_demo, start

GONE = 30


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[RunningDemo]:
    with running_demo(on_free_ports(tmp_path / "demo")) as running:
        yield running


def test_ctrl_c_stops_everything_and_a_restart_goes_on(demo: RunningDemo) -> None:
    programs = list(demo.programs().values())
    assert len(programs) == 4
    before = titles(demo)
    assert len(before) == 4
    assert demo.stop() == 0
    assert not any(program.is_running() for program in programs)
    with running_demo(demo.options) as again:
        assert titles(again) == before


def test_an_open_checkout_outlives_a_restart(demo: RunningDemo) -> None:
    began = checkout(demo)
    assert demo.stop() == 0
    with running_demo(demo.options) as again:
        assert httpx.get(began["sessionUrl"]).status_code == 200
        purchase = httpx.delete(
            f"{again.options.shop_url}/api/purchases/{began['purchaseId']}",
            headers=as_ada(again),
        )
        assert purchase.status_code == 200
        assert purchase.json()["data"]["closedReason"] == "cancelled"


def test_a_part_that_dies_takes_the_demo_with_it_and_is_named(
    demo: RunningDemo,
) -> None:
    programs = demo.programs()
    programs["stripe_simulator"].kill()
    _, complained = demo.rest()
    assert demo.process.returncode == 1
    assert "Stripe simulator ended by itself" in complained
    assert "stripe-simulator.log" in complained
    assert not any(program.is_running() for program in programs.values())


def test_a_killed_demo_leaves_nothing_running(demo: RunningDemo) -> None:
    programs = list(demo.programs().values())
    demo.process.kill()
    _, alive = psutil.wait_procs(programs, timeout=GONE)
    assert alive == []


def as_ada(demo: RunningDemo) -> dict[str, str]:
    secrets = DemoFolder(demo.options.data_dir).secrets()
    signer = DemoSigner(
        secret=secrets.jwt_secret, issuer="spothold", audience="spothold"
    )
    token = signer.token_for(BY_KEY["ada"], at=datetime.now(UTC))
    return {"Authorization": f"Bearer {token}"}


def checkout(demo: RunningDemo) -> dict[str, Any]:
    answer = httpx.post(
        f"{demo.options.shop_url}/api/purchases/create-checkout-session",
        json={"programId": "emba-mentor-circles", "isClassRep": True},
        headers=as_ada(demo),
    )
    return dict(answer.json()["data"])


def titles(demo: RunningDemo) -> list[str]:
    answer = httpx.get(f"{demo.options.shop_url}/api/programs")
    return [program["title"] for program in answer.json()["data"]["items"]]


def test_ctrl_c_while_it_starts_stops_what_has_started(tmp_path: Path) -> None:
    demo = start(on_free_ports(tmp_path / "demo"))
    assert demo.process.stdout is not None
    assert "Starting" in demo.process.stdout.readline()
    programs = psutil.Process(demo.process.pid).children(recursive=True)
    assert demo.stop() == 0
    said, complained = demo.rest()
    assert "The demo has stopped." in said
    assert complained == ""
    assert not any(program.is_running() for program in programs)
