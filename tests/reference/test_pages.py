from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from entrypoints.http.problems import STATUS
from entrypoints.reference import errors, settings
from entrypoints.reference.documented import every_route
from entrypoints.reference.pages import PAGES, text_of

FOLDER: Final = Path(__file__).parents[2] / "docs/reference"


def written(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_the_code_says(name: str) -> None:
    assert written(name) == text_of(name), "run `make reference`"


def test_every_code_that_has_a_status_is_explained() -> None:
    page = written("errors.md")

    assert [error.code for error in STATUS if f"`{error.code}`" not in page] == []
    assert set(errors.ADVICE) == set(errors.declared()), "advice for what there is"


def test_every_route_is_described() -> None:
    page = written("api.md")

    routes = [f"`{route.method} {route.path}`" for route in every_route()]
    assert len(routes) > 20
    assert [route for route in routes if route not in page] == []


def test_every_setting_has_words_of_its_own() -> None:
    said = Counter(settings.explained()[name].words for name in settings.names())

    assert "" not in said
    assert [words for words, times in said.items() if times > 1] == []
