"""Whoever reads a figure finds what it means, and the reference knows no other."""

import re
from typing import Final

from tests.deploy.rules import ROOT, Metric, metrics

REFERENCE: Final = ROOT / "docs/reference/metrics.md"
ROW: Final = re.compile(
    r"^\| `(\w+)` \| (\w+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE
)
UNITS: Final = {"_seconds": "seconds", "_bytes": "bytes"}


def written() -> dict[str, Metric]:
    return {
        name: Metric(
            name=name, kind=kind, labels=frozenset(re.findall(r"`(\w+)`", labels))
        )
        for name, kind, labels, _, _ in ROW.findall(REFERENCE.read_text())
    }


def test_every_metric_is_in_the_reference_as_it_is() -> None:
    assert written() == metrics()


def test_each_has_its_base_unit_and_a_meaning() -> None:
    rows = ROW.findall(REFERENCE.read_text())
    assert rows
    for name, _, _, unit, says in rows:
        named = next((word for end, word in UNITS.items() if name.endswith(end)), unit)
        assert unit == named, name
        assert len(says.split()) >= 4, name


def test_names_follow_the_conventions() -> None:
    for each in metrics().values():
        assert re.fullmatch(r"(spothold|process)(_[a-z0-9]+)+", each.name), each
        assert not re.search(r"milli|minutes|hours|_ms\b|_mb\b", each.name), each
        assert not each.labels & {"job", "instance"}, "Prometheus sets these itself"
