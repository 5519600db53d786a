"""Decode Stripe's form encoding: `a[b][0][c]=v`, and the CLI's `a[]=v` as well."""

import re
from typing import Any
from urllib.parse import parse_qsl

from entrypoints.stripe_simulator.refusals import bad_parameter

KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
DEEPEST = 12


def decode(text: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        _put(tree, _steps(key), value, key)
    return {name: _with_lists(name, branch) for name, branch in tree.items()}


def _steps(key: str) -> list[str]:
    match = KEY.match(key)
    steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else []
    if not 0 < len(steps) <= DEEPEST:
        raise bad_parameter(f"Invalid parameter name: {key}", key)
    return steps


def _put(tree: dict[str, Any], steps: list[str], value: str, key: str) -> None:
    branch = tree
    for position, step in enumerate(steps[:-1]):
        name = step or _open_index(branch, steps[position + 1])
        branch = branch.setdefault(name, {})
        if not isinstance(branch, dict):
            raise bad_parameter(f"Conflicting parameter: {key}", key)
    branch[steps[-1] or str(len(branch))] = value


def _open_index(branch: dict[str, Any], following: str) -> str:
    """Find the element that `a[][x]` goes to: the last one, unless it has x already."""
    last = branch.get(str(len(branch) - 1))
    is_open = isinstance(last, dict) and following not in last
    return str(len(branch) - 1 if is_open else len(branch))


def _with_lists(name: str, branch: Any) -> Any:
    if not isinstance(branch, dict):
        return branch
    grown = {key: _with_lists(key, value) for key, value in branch.items()}
    # A metadata key may be called "0"; elsewhere digits mean positions.
    if name != "metadata" and grown and all(key.isdigit() for key in grown):
        return [grown[key] for key in sorted(grown, key=int)]
    return grown
