"""The balancer's configuration, as far as no traffic is needed to see it."""

import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from entrypoints.http.bodies import WEBHOOK_BODY_MAX
from entrypoints.http.server import KEEP_ALIVE_SECONDS
from tests.deploy.recipes import compose_environment, instances, settings_from
from tests.servers.nginx import SHIPPED, Nginx

NAMES: Final = tuple(instances())


def said(directive: str) -> list[str]:
    """Return what the file says of it, each time."""
    found = re.findall(rf"^\s*{directive} ([^;]+);", SHIPPED.read_text(), re.MULTILINE)
    return [" ".join(each.split()) for each in found]


def seconds(words: str) -> timedelta:
    return timedelta(seconds=int(words.removesuffix("s")))


def test_nginx_takes_it(tmp_path: Path) -> None:
    balancer = Nginx(folder=tmp_path / "nginx", ports=[8001, 8002])

    tried = subprocess.run(  # noqa: S603  # our own command
        balancer.command("-t"), capture_output=True, text=True, check=False
    )

    assert tried.returncode == 0, tried.stderr
    assert "warn" not in tried.stderr


def test_the_test_knows_what_nginx_does_not_take(tmp_path: Path) -> None:
    broken = {"least_conn;": "most_conn;"}
    balancer = Nginx(folder=tmp_path / "nginx", ports=[8001], changes=broken)

    tried = subprocess.run(  # noqa: S603  # our own command
        balancer.command("-t"), capture_output=True, text=True, check=False
    )

    assert "most_conn" in tried.stderr
    assert tried.returncode != 0


@pytest.mark.parametrize("name", NAMES)
def test_it_lets_go_of_a_connection_before_the_service_does(name: str) -> None:
    """Or a request would meet an instance that hangs up, and a POST be lost."""
    settings = settings_from(compose_environment(instances()[name]))
    [kept] = map(seconds, said("keepalive_timeout"))

    assert kept < settings.stop_announce
    assert kept < timedelta(seconds=KEEP_ALIVE_SECONDS)


@pytest.mark.parametrize("name", NAMES)
def test_it_waits_as_long_as_the_service_may_take(name: str) -> None:
    settings = settings_from(compose_environment(instances()[name]))
    [patience] = map(seconds, said("proxy_read_timeout"))

    assert patience > settings.stop_grace


def test_what_was_sent_is_never_sent_twice_unless_that_is_the_same() -> None:
    assert said("proxy_next_upstream") == ["error timeout"]


def test_the_service_and_not_the_balancer_says_what_is_too_large() -> None:
    [largest] = said("client_max_body_size")

    assert int(largest.removesuffix("k")) * 1000 > WEBHOOK_BODY_MAX
