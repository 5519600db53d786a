"""Run the command in a process of its own, with these settings and no others."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.servers.service import JWT_SECRET, ROOT

SETTINGS: Final = {
    "STRIPE_SECRET_KEY": "sk_test_spothold",
    "STRIPE_WEBHOOK_SECRET": "whsec_of_the_tests",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "JWT_SECRET": JWT_SECRET,
    "COLUMNS": "200",
}


@dataclass(frozen=True, kw_only=True)
class Result:
    code: int
    out: str
    err: str


async def spothold(*arguments: str, folder: Path, **settings: str) -> Result:
    """Run a command in an empty folder and return how it ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "entrypoints.cli",
        *arguments,
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            **SETTINGS,
            **settings,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Result(code=process.returncode or 0, out=out.decode(), err=err.decode())
