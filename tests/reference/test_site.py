import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
FETCHED: Final = re.compile(
    r"<(?:script|link|img)[^>]+(?:src|href)=\"?(https?:[^\s\">]+)"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site; a link that leads nowhere fails it."""
    target = tmp_path_factory.mktemp("site")
    built = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", target],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return target


def test_every_page_of_the_docs_is_on_the_site(site: Path) -> None:
    pages = {page.relative_to(ROOT / "docs") for page in ROOT.glob("docs/**/*.md")}
    pages.remove(Path("adr/0000-template.md"))
    built = {_built(page) for page in pages}

    assert [page for page in built if not (site / page).is_file()] == []
    front = (site / "index.html").read_text("utf-8")
    assert [page for page in built if f'href="{page}"' not in front] == []


def _built(page: Path) -> Path:
    name = page.with_name("index.md") if page.name == "README.md" else page
    return name.with_suffix(".html")


def test_the_site_fetches_nothing_from_elsewhere(site: Path) -> None:
    fetched = {
        address
        for page in site.glob("**/*.html")
        for address in FETCHED.findall(page.read_text("utf-8"))
    }
    assert fetched == set()


def test_a_link_that_leaves_the_docs_keeps_its_words(site: Path) -> None:
    invariants = (site / "invariants.html").read_text("utf-8")

    assert "tests/model/README.md" in invariants
    assert 'href="../tests' not in invariants
