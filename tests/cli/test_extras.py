"""A setting that asks for what is not installed is answered with what to install."""

import asyncio
import sys
from typing import Final

import pytest

from tests.cli.command import SETTINGS
from tests.servers.service import ROOT

# As if it were not installed, in a process of its own.
WITHOUT: Final = """
import sys
sys.modules[{module!r}] = None
sys.argv = ["spothold", "serve"]
from entrypoints.cli.main import main
main()
"""


@pytest.mark.parametrize(
    ("module", "setting", "value", "says"),
    [
        (
            "opentelemetry",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://127.0.0.1:4318",
            "OTEL_EXPORTER_OTLP_ENDPOINT needs otel: pip install '.[otel]'",
        ),
        (
            "redis",
            "LOCK_BACKEND",
            "redis",
            "LOCK_BACKEND=redis needs redis: pip install '.[redis]'",
        ),
    ],
)
async def test_the_service_says_which_extra_it_lacks(
    module: str, setting: str, value: str, says: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WITHOUT.format(module=module),
        cwd=ROOT,
        env={
            **SETTINGS,
            "MONGODB_URI": "mongodb://127.0.0.1:1",
            "REDIS_URL": "redis://127.0.0.1:1",
            setting: value,
        },
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await process.communicate()

    assert process.returncode == 1
    assert says in told.decode()
    assert "Traceback" not in told.decode()
