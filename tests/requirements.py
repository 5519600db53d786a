"""Tools that a test cannot do without."""

import os
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent.parent / ".tools"


def must_have_tools() -> bool:
    """CI may not skip: a check that did not run there ran nowhere."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def require_tool(tool: Path, *, fetch: str) -> Path:
    """Return the tool's path; skip with the reason, or fail where CI must have it."""
    if tool.exists():
        return tool
    reason = f"{tool} is missing: run {fetch}"
    if must_have_tools():
        pytest.fail(reason)
    pytest.skip(reason)
