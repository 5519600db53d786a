"""Contrast by WCAG 2.2: 4.5 to 1 for text (1.4.3), 3 to 1 for what bars say."""

import re
from typing import Final

import pytest

from entrypoints.backoffice.pages import ASSETS

TEXT: Final = (
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "accent-soft"),
    ("quiet", "paper"),
    ("quiet", "card"),
    ("quiet", "accent-soft"),
    ("accent", "paper"),
    ("accent", "card"),
    ("accent", "accent-soft"),
    ("accent-ink", "accent"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("card", "bad"),
)
BARS: Final = ("in", "out", "held", "paid", "over")
STYLES: Final = (ASSETS / "backoffice.css").read_text()
SCHEMES: Final = [
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root {(.*?)}", STYLES, re.DOTALL)
]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark"])
def test_text_and_bars_stand_out(scheme: dict[str, str]) -> None:
    faint = [
        pair for pair in TEXT if contrast(scheme[pair[0]], scheme[pair[1]]) < 4.5
    ] + [(bar, "card") for bar in BARS if contrast(scheme[bar], scheme["card"]) < 3]
    assert faint == []


def test_black_on_white_is_the_most_there_is() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert contrast("#777777", "#ffffff") < 4.5
