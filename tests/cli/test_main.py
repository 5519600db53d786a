"""A command is brought in without the others, which need not be imported for it."""

import pytest
from typer.main import get_group

from entrypoints.cli.main import COMMANDS, asked_for


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_known_by_its_name(name: str) -> None:
    assert list(get_group(asked_for([name, "--help"])).commands) == [name]


@pytest.mark.parametrize("words", [[], ["--help"], ["no-such-command"]])
def test_who_names_none_is_shown_all(words: list[str]) -> None:
    assert set(get_group(asked_for(words)).commands) == set(COMMANDS)
