"""Rows of numbers as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass

Cell = str | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`basis`: whether its numbers were measured, computed or assumed."""

    title: str
    basis: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def __str__(self) -> str:
        lines = [f"**{self.title}** ({self.basis})", "", row_of(self.head)]
        lines += [row_of(["---", *["---:"] * (len(self.head) - 1)])]
        return "\n".join([*lines, *(row_of(row) for row in self.rows)])


def row_of(cells: Sequence[Cell]) -> str:
    return f"| {' | '.join(map(cell_of, cells))} |"


def cell_of(cell: Cell) -> str:
    """Write a number with three digits that mean something, and no more."""
    if isinstance(cell, str):
        return cell
    if abs(cell) >= 100 or cell == int(cell):
        return f"{cell:,.0f}"
    return f"{cell:.3g}"
