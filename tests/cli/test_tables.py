"""What an operator copies from a table is whole."""

from io import StringIO

from rich.console import Console

from entrypoints.cli.tables import table_of

ID = "cs_test_a18Wk1lUnXbOhYraCcYMBoIW0P2Ab"


def test_an_id_is_whole_on_a_narrow_terminal() -> None:
    table = table_of("of", "next step")
    table.add_row(ID, "See whether webhooks arrive and reconcile runs.")
    shown = StringIO()
    Console(file=shown, width=40).print(table)
    first_column = [line.split("│")[1].strip() for line in _rows(shown)]
    assert "".join(first_column) == ID


def _rows(shown: StringIO) -> list[str]:
    return [line for line in shown.getvalue().splitlines() if line.startswith("│")]
