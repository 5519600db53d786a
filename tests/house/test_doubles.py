import ast

from tests.house.repository import modules

FORBIDDEN = {"monkeypatch", "mocker"}


def _patches(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(a.name for a in node.names)]
            if any(name.split(".")[-1] == "mock" for name in names):
                return True
        if isinstance(node, ast.arg) and node.arg in FORBIDDEN:
            return True
    return False


def test_no_test_replaces_code_behind_its_back() -> None:
    """A test that needs a patch is asking for a port."""
    assert [name for name, source in modules("tests") if _patches(source)] == []


def test_a_patch_is_found() -> None:
    assert _patches("from unittest import mock")
    assert _patches("import unittest.mock")
    assert _patches("def test_x(monkeypatch): ...")
    assert not _patches("def test_x(tmp_path): ...")
