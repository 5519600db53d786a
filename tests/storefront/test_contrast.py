"""Whoever reads with tired eyes can read it: WCAG 2.2, 1.4.3, level AA."""

import re
from pathlib import Path

import pytest

SHEET = Path("entrypoints/storefront/storefront.css").read_text("utf-8")
COLOUR = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
ENOUGH = 4.5
PAIRS = [
    ("ink", "paper"),
    ("ink", "card"),
    ("quiet", "paper"),
    ("quiet", "card"),
    ("accent", "paper"),
    ("accent", "card"),
    ("accent-ink", "accent"),
    ("accent", "accent-soft"),
    ("ink", "accent-soft"),
    ("warn", "warn-soft"),
    ("ink", "warn-soft"),
    ("bad", "bad-soft"),
    ("bad", "card"),
]


def colours(sheet: str) -> dict[str, str]:
    return dict(COLOUR.findall(sheet))


LIGHT, DARK = map(colours, SHEET.split("prefers-color-scheme: dark")[:2])


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, as WCAG defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in channels
    ]
    return sum(
        share * each
        for share, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "behind"), PAIRS)
def test_text_stands_out(scheme: dict[str, str], text: str, behind: str) -> None:
    one, other = sorted((luminance(scheme[text]), luminance(scheme[behind])))
    assert (other + 0.05) / (one + 0.05) >= ENOUGH
