"""One database server for the test session, one database for each test.

TEST_MONGODB_URI names a server to use instead: a real mongod gives the same answers.
Two fixtures, known to every test through `tests/conftest.py`: `mongo_uri`, one server
for the session, and `database_name`, fresh for each test and dropped afterwards.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pymongo import MongoClient

from adapters.embedded_mongo.server import embedded_mongo_in_thread


@contextmanager
def mongo_server() -> Iterator[str]:
    """The URI of a server: the one named by TEST_MONGODB_URI, or one of our own."""
    if uri := os.environ.get("TEST_MONGODB_URI"):
        yield uri
        return
    flags = ["--enable-test-commands"]
    with (
        tempfile.TemporaryDirectory(prefix="spothold-mongo-") as folder,
        embedded_mongo_in_thread(Path(folder), flags=flags) as server,
    ):
        yield server.uri


@contextmanager
def fresh_database(uri: str) -> Iterator[str]:
    """The name of a database that nobody has used, dropped on the way out."""
    name = f"test_{uuid4().hex}"
    yield name
    with MongoClient[dict[str, object]](uri) as client:
        client.drop_database(name)


@pytest.fixture(scope="session")
def mongo_uri() -> Iterator[str]:
    with mongo_server() as uri:
        yield uri


@pytest.fixture
def database_name(mongo_uri: str) -> Iterator[str]:
    with fresh_database(mongo_uri) as name:
        yield name
