"""`spothold serve`: the service in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

import typer
import uvicorn
from litestar import Litestar

from entrypoints.container import Container, opened, running_database
from entrypoints.http.app import create_app
from entrypoints.http.background import MailLoop
from entrypoints.http.logging import configure_logging
from entrypoints.settings import Settings
from entrypoints.storefront.app import storefront_handlers

DRAIN_SECONDS: Final = 20  # below the 30 s that a host gives before it kills
REQUESTS_AT_ONCE: Final = 1000  # bounds every queue behind them, the locks' too
