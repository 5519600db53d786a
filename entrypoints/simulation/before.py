"""How the world was, to compare it with how it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from domain.ids import PurchaseId
from domain.purchase import Purchase
from entrypoints.simulation.world import World

Complaint: TypeAlias = str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """How it was after the last effect, and which purchases have changed since."""

    rows: dict[PurchaseId, Purchase] = field(default_factory=dict)
    held: frozenset[PurchaseId] = frozenset()
    letters: int = 0
    changed: tuple[Purchase, ...] = ()


Check: TypeAlias = Callable[[World, Before], Complaint]
