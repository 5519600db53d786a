import pytest

from tests.house.repository import ROOMS, modules
from tests.house.writes import blind_writes, deletions


def test_no_document_is_written_as_a_whole() -> None:
    found = [
        f"{name}:{line}"
        for name, source in modules(*ROOMS)
        for line in blind_writes(source)
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "async def f(doc):\n    await doc.save()",
        "async def f(doc):\n    await doc.replace()",
        "async def f(found):\n    await found.upsert({}, on_insert=1)",
        "import beanie\ndef f(doc):\n    return doc.save()",
        "from adapters.beanie import documents\nx = documents.x.replace(session=None)",
    ],
)
def test_a_blind_write_is_found(source: str) -> None:
    assert list(blind_writes(source))


@pytest.mark.parametrize(
    "source",
    [
        "name.replace('a', 'b')",
        "import beanie\nname.replace('a', 'b')",
        "import beanie\nat.replace(tzinfo=UTC)",
        "import dataclasses\ndataclasses.replace(purchase, status=1)",
        "async def f(purchases):\n    await purchases.update_one({}, {'$set': {}})",
    ],
)
def test_an_honest_line_is_left_alone(source: str) -> None:
    assert not list(blind_writes(source))


def test_no_record_is_ever_deleted() -> None:
    """Purchases, and the programs that they name, are kept for good."""
    found = [
        f"{name}:{line}"
        for name, source in modules("domain", "application", "adapters")
        for line in deletions(source)
    ]
    assert found == []


def test_a_deletion_is_found() -> None:
    assert list(deletions("async def f(doc):\n    await doc.delete()"))
    assert list(deletions("async def f(rows):\n    await rows.delete_one({})"))
    assert not list(deletions("@delete('/x')\ndef cancel(): ..."))
    assert not list(deletions("found.delete()"))
