"""Runs in the copy of the tree: a child for each request, with the libraries loaded.

Most of a test's second goes into importing libraries, which no mutant changes.  So
they are imported once, and each request is served by a fork that has only our own
modules left to read.

Speaks JSON lines: pytest's arguments in, its exit code and what it printed out.
"""

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import pytest

LIBRARIES: Final = (
    "aiohttp",
    "beanie",
    "dependency_injector.providers",
    "httpx",
    "hypothesis",
    "hypothesis.stateful",
    "jinja2",
    "jwt",
    "limits",
    "litestar",
    "litestar.openapi.spec",
    "litestar.testing",
    "mongomock_motor",
    "polyfactory",
    "pydantic_settings",
    "pymongo",
    "stripe",
    "structlog",
    "tenacity",
    "uvicorn",
)


class Failures:
    """Counts what failed: what a failed test leaves open may end pytest unkindly."""

    def __init__(self) -> None:
        self.count = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.count += report.failed


def main() -> None:
    for name in LIBRARIES:
        import_module(name)
    for line in sys.stdin:
        code, output = _run_in_a_child(json.loads(line))
        sys.stdout.write(json.dumps({"code": code, "output": output}) + "\n")
        sys.stdout.flush()


def _run_in_a_child(arguments: Sequence[str]) -> tuple[int, str]:
    with tempfile.TemporaryFile("w+") as printed:
        child = os.fork()
        if child == 0:
            _become_pytest(arguments, printed.fileno())
        _, status = os.waitpid(child, 0)
        printed.seek(0)
        return os.waitstatus_to_exitcode(status), printed.read()


def _become_pytest(arguments: Sequence[str], output: int) -> None:
    code = int(pytest.ExitCode.INTERNAL_ERROR)
    failures = Failures()
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        code = int(pytest.main(list(arguments), plugins=[failures]))
    except BaseException:  # noqa: BLE001  # it must never go on as a second forge
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(pytest.ExitCode.TESTS_FAILED) if failures.count else code)


if __name__ == "__main__":
    main()
