"""A program and its terms of sale."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.class_rep import HOLDERS_MAX, UNLIMITED, effective_limit
from domain.errors import DomainError
from domain.ids import ID_PATTERN, ProgramId
from domain.money import Money

TITLE_MAX: Final = 200  # characters
TYPE_MAX: Final = 100


class InvalidTerms(DomainError):
    """Terms of sale that contradict themselves."""

    code = "invalid_terms"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field


class ProgramIsFree(DomainError):
    code = "program_is_free"

    def __init__(self) -> None:
        super().__init__("This program is free.")


class SalesPaused(DomainError):
    """Nobody may begin to pay; what is open already may still be paid."""

    code = "sales_paused"

    def __init__(self) -> None:
        super().__init__("Sales of this program are paused; please come back later.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsOfSale:
    """What a place costs.  Amounts are in minor units of one currency.

    Raises:
        InvalidTerms: a discount above the price, a paid program without a price, an
            early-bird discount without a deadline, a limit out of range.
    """

    full_price: Money
    class_rep_discount: Money
    early_bird_discount: Money
    early_bird_deadline: datetime | None = None
    is_free: bool = False
    class_rep_limit: int = UNLIMITED

    def __post_init__(self) -> None:
        self._check_price()
        self._check_early_bird()
        for field in ("class_rep_discount", "early_bird_discount"):
            self._check_discount(field, getattr(self, field))
        if not 0 <= self.class_rep_limit <= HOLDERS_MAX:
            raise InvalidTerms("classRepLimit", f"is between 0 and {HOLDERS_MAX}")

    def is_early(self, at: datetime) -> bool:
        """Say whether the early-bird discount counts at a moment of the server."""
        return self.early_bird_deadline is not None and at < self.early_bird_deadline

    def _check_price(self) -> None:
        if self.is_free != self.full_price.is_zero:
            raise InvalidTerms("fullPrice", "is zero for a free program and no other")

    def _check_early_bird(self) -> None:
        deadline = self.early_bird_deadline
        if deadline is None and not self.early_bird_discount.is_zero:
            raise InvalidTerms("earlyBirdDeadline", "is missing beside its discount")
        if deadline is not None and deadline.tzinfo is None:
            raise InvalidTerms("earlyBirdDeadline", "needs a time zone")

    def _check_discount(self, field: str, discount: Money) -> None:
        name = "".join(w.title() if n else w for n, w in enumerate(field.split("_")))
        if discount.currency != self.full_price.currency:
            raise InvalidTerms(name, "is in the currency of the price")
        if discount.amount > self.full_price.amount:
            raise InvalidTerms(name, "is not more than the price")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is for sale.

    `revision` counts its changes; `class_rep_count` is how many spots were taken when
    it was read, which may be more than the limit while it drains.  While sales are
    paused nobody begins to pay; what is open may still be paid.
    """

    id: ProgramId
    title: str
    program_type: str
    terms: TermsOfSale
    time_zone: str
    is_active: bool = True
    is_paused: bool = False
    revision: int = 1
    class_rep_count: int = 0

    def __post_init__(self) -> None:
        if re.fullmatch(ID_PATTERN, self.id) is None:
            raise InvalidTerms("id", "has up to 64 letters, digits, - and _")
        _check_line("title", self.title, TITLE_MAX)
        _check_line("programType", self.program_type, TYPE_MAX)

    @property
    def is_for_sale(self) -> bool:
        """Say whether a page may be opened: it is neither retired nor paused."""
        return self.is_active and not self.is_paused

    @property
    def has_a_free_spot(self) -> bool:
        return self.class_rep_count < effective_limit(self.terms.class_rep_limit)

    @property
    def spots_left(self) -> int | None:
        """Return how many class-rep spots are free; None when unlimited."""
        if self.terms.class_rep_limit == UNLIMITED:
            return None
        return max(0, self.terms.class_rep_limit - self.class_rep_count)


def _check_line(field: str, text: str, longest: int) -> None:
    """Refuse what could break a mail header or a page."""
    if not text.strip() or len(text) > longest:
        raise InvalidTerms(field, f"has between 1 and {longest} characters")
    if not text.isprintable():
        raise InvalidTerms(field, "is one line of printable characters")
