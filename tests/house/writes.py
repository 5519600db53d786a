"""Finds writes that replace a whole document, or delete one.

`Document.save()` sets every field with an upsert: it loses updates, moves a status
backwards and brings deleted documents back (docs/adr/0002).  A state changes only by a
conditional update.
"""

import ast
from collections.abc import Iterator

WHOLE_DOCUMENT = frozenset(
    {"save", "save_changes", "replace", "replace_one", "replace_many", "upsert"}
)
DELETES = frozenset(
    {"delete_one", "delete_many", "delete_all", "find_one_and_delete", "bulk_write"}
)
PARTS_OF_A_DATE = frozenset(
    {"tzinfo", "year", "month", "day", "hour", "minute", "second", "microsecond"}
)


def blind_writes(source: str) -> Iterator[int]:
    """The lines with a call that writes a whole document.

    Awaited, such a call is one wherever it stands: the `replace` of a string, a date or
    a path cannot be awaited.  Where Beanie is imported, one not awaited at once counts
    too, unless its arguments are those of a string's or a date's `replace`.
    """
    tree = ast.parse(source)
    knows_beanie = any(_imports_beanie(node) for node in ast.walk(tree))
    awaited = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Await)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _writes_whole(node):
            suspicious = knows_beanie and not _looks_plain(node)
            if id(node) in awaited or suspicious:
                yield node.lineno


def deletions(source: str) -> Iterator[int]:
    """The lines that delete a record, or may: an awaited `delete`, a bulk of writes."""
    tree = ast.parse(source)
    awaited = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Await)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_delete = node.func.attr == "delete" and id(node) in awaited
            if is_delete or node.func.attr in DELETES:
                yield node.lineno


def _imports_beanie(node: ast.AST) -> bool:
    match node:
        case ast.Import():
            modules = [alias.name for alias in node.names]
        case ast.ImportFrom():
            modules = [node.module or ""]
        case _:
            modules = []
    return any("beanie" in module.split(".") for module in modules)


def _writes_whole(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in WHOLE_DOCUMENT


def _looks_plain(call: ast.Call) -> bool:
    """Whether this can be a string's or a date's `replace` rather than a document's."""
    keywords = {keyword.arg for keyword in call.keywords}
    return bool(call.args) or bool(keywords & PARTS_OF_A_DATE)
