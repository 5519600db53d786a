"""The page of the document, and that all of it comes from us."""

import re
from hashlib import sha256
from typing import Final

import pytest

from entrypoints.http.swagger_ui import ASSETS, FOLDER, MEDIA_TYPES
from tests.http.service import Http

# Files of the package swagger-ui-dist 5.35.0, as its registry hands them out.
VENDORED: Final = {
    "swagger-ui-bundle.js": (
        "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2"
    ),
    "swagger-ui-standalone-preset.js": (
        "5243d492e14505e0cab87ac8b0195d0e615943e651743b2b698450a46eb470be"
    ),
    "swagger-ui.css": (
        "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d"
    ),
}


async def test_the_page_names_no_other_origin(http: Http) -> None:
    page = await http.get("/schema")
    head, _, body = page.text.partition("</head>")
    named = re.findall(r"<(?:link|script)\b[^>]*(?:href|src)=\"([^\"]*)\"", head)

    ours = [f"/schema/{FOLDER}/{name}" for name in VENDORED]
    assert sorted(named) == sorted(["data:,", *ours])
    assert "//" not in head
    assert re.findall(r"<(?:script|link|img|iframe|style)\b[^>]*>", body) == [
        "<script type='text/javascript'>"
    ]


async def test_the_policy_lets_in_no_other_origin(http: Http) -> None:
    page = await http.get("/schema")

    policy = page.headers["content-security-policy"]
    sources = {
        source for rule in policy.split(";") for source in rule.split()[1:] if source
    }
    assert sources == {"'none'", "'self'", "'unsafe-inline'", "data:"}
    assert "script-src 'self' 'unsafe-inline'; style-src 'self'" in policy


@pytest.mark.parametrize("name", VENDORED)
async def test_the_files_are_those_that_were_vendored(http: Http, name: str) -> None:
    answer = await http.get(f"/schema/{FOLDER}/{name}")

    assert sha256(answer.content).hexdigest() == VENDORED[name]
    assert answer.headers["content-type"] == f"{MEDIA_TYPES[name]}; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"


def test_the_licences_are_beside_them() -> None:
    assert "Apache License" in (ASSETS / "LICENSE").read_text()
    assert "SmartBear" in (ASSETS / "NOTICE").read_text()
    scripts = [name for name in VENDORED if name.endswith(".js")]
    licences = {f"{name}.LICENSE.txt" for name in scripts} | {"LICENSE", "NOTICE"}
    assert {each.name for each in ASSETS.iterdir()} == VENDORED.keys() | licences
