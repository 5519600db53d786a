from dataclasses import replace

import pytest

from application.ports.audit import FACT_MAX, FACTS_MAX, AuditEntry, about_program
from tests.contracts.examples import CHESS, CHOIR, MINUTE, NOON
from tests.contracts.storage import Storage

CHANGED = AuditEntry(
    at=NOON,
    by="admin root",
    what="change_program",
    subject=about_program(CHOIR),
    why="the hall is larger",
    before={"title": "Choir", "classRepLimit": 3, "salesPaused": False, "until": None},
    after={"title": "Choirs", "classRepLimit": 0, "salesPaused": True, "until": None},
)


async def test_an_entry_is_read_as_it_was_noted(storage: Storage) -> None:
    await storage.audit.note(CHANGED)

    page = await storage.audit.page(subject=None, page=1, size=10)

    assert (page.items, page.total) == ((CHANGED,), 1)
    (entry,) = page.items
    kinds = {name: type(fact) for name, fact in entry.before.items()}
    assert kinds["salesPaused"] is bool
    assert kinds["classRepLimit"] is int


async def test_the_newest_comes_first_and_pages_follow(storage: Storage) -> None:
    noted = [replace(CHANGED, at=NOON + n * MINUTE) for n in (2, 0, 1, 2)]
    noted = [replace(entry, why=f"why {n}") for n, entry in enumerate(noted)]
    for entry in noted:
        await storage.audit.note(entry)

    pages = [await storage.audit.page(subject=None, page=n, size=3) for n in (1, 2, 3)]

    whys = [[entry.why for entry in page.items] for page in pages]
    assert whys == [["why 3", "why 0", "why 2"], ["why 1"], []]
    assert [page.total for page in pages] == [4, 4, 4]


async def test_one_may_ask_about_one_subject(storage: Storage) -> None:
    chess = replace(CHANGED, subject=about_program(CHESS))
    await storage.audit.note(CHANGED)
    await storage.audit.note(chess)

    page = await storage.audit.page(subject=chess.subject, page=1, size=10)
    none = await storage.audit.page(subject="program/none", page=1, size=10)

    assert (page.items, page.total) == ((chess,), 1)
    assert (none.items, none.total) == ((), 0)


@pytest.mark.parametrize(
    "facts", [{"why": "x" * (FACT_MAX + 1)}, {str(n): n for n in range(FACTS_MAX + 1)}]
)
def test_an_entry_is_small(facts: dict[str, str | int]) -> None:
    with pytest.raises(ValueError, match="few short facts"):
        replace(CHANGED, after=facts)
