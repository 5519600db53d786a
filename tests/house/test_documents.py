import re
from pathlib import Path
from typing import Any

import pytest

from domain.purchase import NEXT
from entrypoints.settings import Settings
from tests.house.repository import ROOT, texts

SETTING = re.compile(r"^(?:# )?([A-Z_]+)=", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
EXAMPLE = ROOT / ".env.example"


def decisions() -> list[Path]:
    return sorted((ROOT / "docs/adr").glob("[0-9]*.md"))


def test_the_example_names_every_setting_and_no_other() -> None:
    named = {name.lower() for name in SETTING.findall(EXAMPLE.read_text())}
    assert named == set(Settings.model_fields)


def test_the_example_starts_once_a_secret_is_made() -> None:
    given: dict[str, Any] = {"_env_file": EXAMPLE, "jwt_secret": "s" * 32}
    Settings(**given)


def test_a_decision_that_is_referred_to_exists() -> None:
    numbers = {decision.name[:4] for decision in decisions()}
    dangling = [
        f"{name}: {number}"
        for name, text in texts()
        for number in re.findall(r"docs/adr/(\d{4})", text)
        if number not in numbers
    ]
    assert dangling == []


@pytest.mark.parametrize("decision", decisions(), ids=lambda path: path.name)
def test_a_decision_owns_up_and_says_what_would_turn_red(decision: Path) -> None:
    text = decision.read_text()
    assert "* Bad: " in text
    assert re.search(r"^## Confirmation\n\n\S", text, re.MULTILINE)


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{name}: {target}"
        for name, text in texts()
        if name.endswith(".md")
        for target in LINK.findall(text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert broken == []


def test_the_readmes_picture_shows_every_step_of_a_purchase_and_no_other() -> None:
    _, picture = (ROOT / "README.md").read_text().split("stateDiagram-v2")
    drawn = re.findall(r"^  (\w+) --> (\w+)", picture, re.MULTILINE)
    steps = {(str(now), str(after)) for now in NEXT for after in NEXT[now]}
    assert set(drawn) == steps
