"""Whoever is told of something finds a page about it, and no page is about nothing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from typer.main import get_group

from domain.findings import FindingKind
from entrypoints.cli.main import commands
from tests.deploy.rules import RUNBOOKS, rules
from tests.house.repository import modules

HEADINGS: Final = ("What it means", "What to do", "Over when")
CODE: Final = re.compile(r"^## `(\w+)`$", re.MULTILINE)
COMMAND: Final = re.compile(r"(?:`|^ {4})spothold (\w[\w-]*)", re.MULTILINE)

# Codes that are put together when they are sent, by the file that does it.
MADE_UP: Final = {
    "adapters/stripe/complaints.py": {
        "stripe_answer_unexpected",
        "stripe_answer_unreadable",
        "stripe_configuration_rejected",
        "stripe_idempotency_key_reused",
    },
    "application/listen_back.py": {
        f"{name}_not_followed" for name in ("session", "refund", "dispute", "event")
    },
    "application/tell_findings.py": {f"finding_{kind}" for kind in FindingKind},
}


def pages() -> list[Path]:
    return sorted(path for path in RUNBOOKS.glob("Spothold*.md"))


def test_every_alert_of_prometheus_has_its_page_and_every_page_its_alert() -> None:
    assert {page.stem for page in pages()} == {rule.name for rule in rules()}
    index = (RUNBOOKS / "README.md").read_text()
    assert [rule.name for rule in rules() if f"({rule.name}.md)" not in index] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_page_says_what_it_means_what_to_do_and_when_it_is_over(page: Path) -> None:
    text = page.read_text()
    [rule] = [rule for rule in rules() if rule.name == page.stem]
    assert text.startswith(f"# {page.stem}\n\n**Severity:** {rule.severity}")
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == HEADINGS
    for part in text.split("\n## ")[1:]:
        assert len(part.split()) > 5, part


def test_every_code_that_the_service_sends_has_a_place_and_no_other_has() -> None:
    """A new `Alert(code=…)` is written up in `docs/runbooks/codes`."""
    sent = {code for _, codes in sent_codes() for code in codes}
    written = [
        code
        for page in sorted((RUNBOOKS / "codes").glob("*.md"))
        for code in CODE.findall(page.read_text())
    ]
    assert sorted(written) == sorted(sent)


def sent_codes() -> Iterator[tuple[str, set[str]]]:
    for name, source in modules("domain", "application", "adapters"):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and _is_alert(node):
                yield name, _codes(name, node)


def _is_alert(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "Alert"


def _codes(name: str, call: ast.Call) -> set[str]:
    [value] = [each.value for each in call.keywords if each.arg == "code"]
    if isinstance(value, ast.Constant):
        return {str(value.value)}
    return MADE_UP[name]


def test_codes_that_are_put_together_are_all_known() -> None:
    names = {name for name, codes in sent_codes() if codes == MADE_UP.get(name)}
    assert names == set(MADE_UP)
    [source] = [text for name, text in modules("adapters") if "complaints.py" in name]
    assert (
        set(re.findall(r'"(stripe_\w+)"', source)) - {"stripe_code"}
        == (MADE_UP["adapters/stripe/complaints.py"])
    )
    [source] = [
        text for name, text in modules("application") if "listen_back.py" in name
    ]
    assert {f"{word}_not_followed" for word in re.findall(r'name="(\w+)"', source)} == (
        MADE_UP["application/listen_back.py"]
    )


@pytest.mark.parametrize(
    "page", sorted(RUNBOOKS.rglob("*.md")), ids=lambda page: page.name
)
def test_a_page_names_commands_that_there_are(page: Path) -> None:
    known = set(get_group(commands()).commands)
    assert set(COMMAND.findall(page.read_text())) - known == set()
