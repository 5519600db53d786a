"""The checklist is whole, and each row is shown by tests that exist."""

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from tests.collected import missing_among
from tests.house.repository import ROOT

ROWS: Final[list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("answers.toml").read_text()
)["row"]


def test_the_list_is_as_long_as_the_checklist() -> None:
    attacks = [row["attack"] for row in ROWS]

    assert len(set(attacks)) == len(attacks) >= 34


@pytest.mark.parametrize("row", ROWS, ids=[row["attack"][:60] for row in ROWS])
def test_each_says_what_is_answered_and_is_shown(row: dict[str, Any]) -> None:
    assert row["answer"].endswith(".")
    assert row["proofs"]


def test_every_test_that_is_named_exists() -> None:
    assert missing_among(proof for row in ROWS for proof in row["proofs"]) == []


def test_what_is_answered_otherwise_was_decided() -> None:
    decided = [row["decided"] for row in ROWS if "decided" in row]

    assert decided
    assert [path for path in decided if not (ROOT / path).is_file()] == []
