"""Every step that the protocol's rooms name, read from their source.

A step that no exploration reaches is a rule that nobody tries, or a typing error.
"""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Final

from tests.model import (
    checkout,
    closing,
    disputing,
    payment,
    protocol,
    reconciling,
    refunding,
    selling,
    world,
)

ROOMS: Final = (
    checkout,
    closing,
    disputing,
    payment,
    protocol,
    reconciling,
    refunding,
    selling,
    world,
)
NAMING: Final = {"go", "stripe", "ack", "answer", "Start", "Event"}
# Rules for what can only happen if another rule were broken; no exploration of the
# protocol as it is may reach them.
DEFENCES: Final = frozenset(
    map(
        re.escape,
        (
            "cas ->closed: no match",
            "cas refunding->: no match",
            "cas refunding->completed (by its rows)",
            "cas refunding->refunded (by its rows)",
            "reconcile: refunding, no open row",
        ),
    )
)


def written(rooms: Iterable[ModuleType] = ROOMS) -> set[str]:
    """Every label of a step, as a regular expression."""
    trees = [ast.parse(inspect.getsource(room)) for room in rooms]
    return {found for tree in trees for found in _labels(tree)}


def unreached(labels: Iterable[str]) -> set[str]:
    """The steps that were named and not reached, and the defences that were."""
    reached = set(labels)
    missing = {
        label
        for label in written()
        if not any(re.fullmatch(label, each) for each in reached)
    }
    return missing ^ DEFENCES


def _labels(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=args):
                named = args[0] if name in NAMING and args else None
            case ast.Assign(targets=[ast.Name(id="label")], value=value):
                named = value
            case _:
                named = None
        yield from _pattern(named)


def _pattern(node: ast.expr | None) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield re.escape(text)
        case ast.JoinedStr(values=parts):
            yield "".join(
                next(_pattern(part)) if isinstance(part, ast.Constant) else ".+"
                for part in parts
            )
