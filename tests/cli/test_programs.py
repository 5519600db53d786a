"""`spothold program`, as an operator types it; in this process, for there is a lot."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from application.ports.programs import ProgramNotFound
from application.terms import TermsRefused
from entrypoints.cli.main import commands

TERMS = ("--title", "Choir", "--price", "5000", "--class-rep-limit", "10")
EARLY = ("--early-bird-discount", "500", "--early-bird-deadline", "2030-06-01T18:00:00")
WHY = ("--reason", "the hall is smaller")

Program = Callable[..., Result]


@pytest.fixture
def program(mongo_uri: str, database_name: str) -> Program:
    where = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": database_name}

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(commands(), ["program", *arguments], env=where)

    made = run("create", "choir", *TERMS, *EARLY, "--time-zone", "Europe/Paris")
    assert made.exit_code == 0, made.exception
    return run


def shown(result: Result) -> Any:
    assert result.exit_code == 0, result.exception
    found = json.loads(result.stdout)
    return found[0] if isinstance(found, list) else found


def test_a_change_names_its_fields_and_leaves_the_others(program: Program) -> None:
    changes = ("--price", "9000", "--class-rep-limit", "0")

    changed = shown(program("change", "choir", *WHY, *changes, "--json"))
    late = shown(program("change", "choir", *WHY, "--no-early-bird", "--json"))

    assert (changed["fullPrice"], changed["classRepLimit"]) == (9000, None)
    assert (changed["title"], changed["revision"]) == ("Choir", 2)
    assert changed["earlyBirdDeadline"] == "2030-06-01T16:00:00+00:00"
    assert (late["earlyBirdDeadline"], late["earlyBirdDiscount"]) == (None, 0)


def test_a_program_is_paused_and_retired_and_comes_back(program: Program) -> None:
    assert shown(program("pause", "choir", *WHY, "--json"))["salesPaused"] is True
    assert "paused" in program("list").stdout
    assert shown(program("resume", "choir", *WHY, "--json"))["salesPaused"] is False
    assert shown(program("retire", "choir", *WHY, "--json"))["active"] is False
    assert json.loads(program("list", "--json").stdout) == []
    retired = program("list", "--state", "retired", "--search", "CHO", "--json")
    assert shown(retired)["id"] == "choir"
    assert shown(program("restore", "choir", *WHY, "--json"))["revision"] == 5


def test_one_program_is_shown_with_all_that_there_is_to_know(program: Program) -> None:
    assert shown(program("show", "choir", "--json"))["spotsLeft"] == 10
    assert "salesPaused" in program("show", "choir").stdout


def test_what_is_refused_says_why(program: Program) -> None:
    """`main` prints the message in one line and exits with 1."""
    discount = ("--class-rep-discount", "9001")

    assert isinstance(program("show", "opera").exception, ProgramNotFound)
    wrong = program("change", "choir", *WHY, *discount).exception
    assert isinstance(wrong, TermsRefused)
    assert str(wrong) == "classRepDiscount: is not more than the price"
    assert program("pause", "choir").exit_code == 2  # a reason is wanted
