"""Tables on a terminal, narrow or wide."""

from rich.table import Column, Table


def table_of(*names: str) -> Table:
    """Return an empty table; what is too long is folded, for an id must stay whole."""
    return Table(*(Column(name, overflow="fold") for name in names))
