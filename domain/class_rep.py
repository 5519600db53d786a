"""Class-rep spots: discounted places in a program, in limited supply."""

from dataclasses import dataclass, replace
from typing import Final, Self

from domain.errors import DomainError
from domain.ids import PurchaseId

UNLIMITED: Final = 0
# An unlimited program still records who holds a spot, in one document (invariant I20).
HOLDERS_MAX: Final = 50_000


class SpotsExhausted(DomainError):
    """The seed's words, which its front end shows."""

    code = "class_rep_limit_reached"

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            "Class Representative limit has been reached for this program."
        )
        self.limit = limit


class LimitBelowUse(DomainError):
    """A limit under the spots taken needs the admin to say that they may drain."""

    code = "limit_below_use"

    def __init__(self, *, limit: int, taken: int) -> None:
        super().__init__(
            f"{taken} class-rep spots are taken, which is more than {limit}. "
            "Ask for a drain to let them run down."
        )
        self.limit = limit
        self.taken = taken


def effective_limit(limit: int) -> int:
    """Return how many spots a limit allows: 0 means unlimited, the highest of all."""
    return HOLDERS_MAX if limit == UNLIMITED else limit


def is_lower(limit: int, *, than: int) -> bool:
    """Say whether a limit allows fewer spots than another; only then may it drain."""
    return effective_limit(limit) < effective_limit(than)


def check_limit(limit: int, *, taken: int, drain: bool) -> None:
    """Accept a new limit, or say why not.

    Raises:
        LimitBelowUse: more spots are taken, and no drain was asked for.
    """
    if effective_limit(limit) < taken and not drain:
        raise LimitBelowUse(limit=limit, taken=taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotTally:
    """How the spots of one program stand: `paid` are those of completed purchases."""

    limit: int
    taken: int
    paid: int

    @property
    def held(self) -> int:
        """Return how many are held for buyers who have yet to pay."""
        return max(0, self.taken - self.paid)

    @property
    def free(self) -> int | None:
        """Return how many are left; None when there is no end of them."""
        return None if self.limit == UNLIMITED else max(0, self.limit - self.taken)

    @property
    def over(self) -> int:
        """Return how many must be given back before one is free: a drain."""
        return max(0, self.taken - effective_limit(self.limit))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRepSpots:
    """Who holds the spots of one program, by purchase.

    The set, not a counter, is the truth: a purchase that asks twice holds one spot, and
    releasing twice frees one (docs/adr/0006).  More holders than the limit are lawful:
    the limit was lowered and drains.
    """

    limit: int = UNLIMITED
    holders: frozenset[PurchaseId] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.limit <= HOLDERS_MAX:
            raise ValueError(f"{self.limit} is no limit")

    @property
    def taken(self) -> int:
        return len(self.holders)

    @property
    def is_full(self) -> bool:
        return self.taken >= effective_limit(self.limit)

    @property
    def left(self) -> int | None:
        """Return how many spots are free; None when there is no end of them."""
        return None if self.limit == UNLIMITED else max(0, self.limit - self.taken)

    def reserve(self, purchase: PurchaseId) -> Self:
        """Hold a spot for a purchase; the one it already holds is enough.

        Raises:
            SpotsExhausted: others hold them all.
        """
        if purchase in self.holders:
            return self
        if self.is_full:
            raise SpotsExhausted(limit=self.limit)
        return replace(self, holders=self.holders | {purchase})

    def release(self, purchase: PurchaseId) -> Self:
        """Give back the spot of a purchase, and of no other; twice does nothing."""
        return replace(self, holders=self.holders - {purchase})
