"""The part of `make audit` that needs nothing but this machine."""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.house.repository import ROOT, texts
from tests.security.__main__ import NOT_ANSWERED, WRONG, verdict
from tests.security.audit import (
    LOCKS,
    ONLY_EMBEDDED,
    installed_licences,
    is_taken,
    keys_in,
    known_secrets,
    licence_troubles,
    locked,
    read_holes,
    secrets_in,
    without_hashes,
)

PLANTED: Final = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
HOLE: Final = {
    "dependencies": [
        {"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]},
        {"name": "b", "version": "2", "vulns": []},
        {"name": "c", "skip_reason": "not found"},
    ]
}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_locked_by_hash(lock: str) -> None:
    assert len(locked(lock)) > 30
    assert without_hashes(lock) == []


def test_every_licence_is_one_that_we_take() -> None:
    licences = installed_licences()

    assert licence_troubles(licences, locked("dev") - ONLY_EMBEDDED.keys()) == []
    for name, licence in ONLY_EMBEDDED.items():
        assert licences[name] == licence


def test_the_service_itself_needs_nothing_under_the_gpl() -> None:
    assert not locked("service") & ONLY_EMBEDDED.keys()


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-only", "MIT AND GPL-2.0-only", "UNKNOWN", "", "SSPL-1.0"]
)
def test_another_licence_is_found(licence: str) -> None:
    assert not is_taken(licence)
    assert licence_troubles({"x": licence}, ["x"]) == [f"x: {licence}"]


def test_no_secret_stands_in_the_repository() -> None:
    """None that shows what it is; `make audit` also looks for what may be one."""
    assert list(keys_in(texts())) == []


def test_a_secret_is_found() -> None:
    text = f"key={PLANTED}"

    assert list(keys_in([("it", text)])) == ["it: Stripe Access Key"]
    assert list(keys_in([("it", "-----BEGIN RSA " + "PRIVATE KEY-----")]))


def test_what_may_be_a_secret_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text('password = "' + "Tr0ub4dor" + '&3-and-more"\n')

    assert list(secrets_in([planted], root=tmp_path))


def test_a_known_hole_is_read_and_what_was_not_answered_is_counted() -> None:
    assert read_holes(json.dumps(HOLE), packages=3) == (["a 1: CVE-1"], 2, 1)
    assert read_holes("", packages=3) == ([], 0, 3)


def test_silence_has_a_code_of_its_own() -> None:
    assert verdict([], unanswered=0) == 0
    assert verdict([], unanswered=1) == NOT_ANSWERED
    assert verdict(["a hole"], unanswered=1) == WRONG


def test_what_is_known_is_still_there() -> None:
    """A baseline that names what is gone would hide its return."""
    gone = [name for name, _ in known_secrets() if not (ROOT / name).is_file()]

    assert gone == []
    assert Path(ROOT / ".secrets.baseline").stat().st_size < 20_000
