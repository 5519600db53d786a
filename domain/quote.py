"""What a place costs one buyer, frozen with the purchase."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from domain.errors import DomainError
from domain.money import Money
from domain.program import Program, ProgramIsFree


class BelowMinimumCharge(DomainError):
    """More than nothing and less than Stripe charges."""

    code = "below_minimum_charge"

    def __init__(self, total: Money) -> None:
        least = Money(total.currency.minimum_charge, total.currency)
        super().__init__(
            f"The total of {total} is below the smallest charge of {least}."
        )
        self.total = total


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A price and its parts, in minor units of one currency.

    A later change of the program never changes it (invariant I15).
    """

    full_price: Money
    class_rep_discount: Money
    early_bird_discount: Money
    total: Money
    is_class_rep: bool
    is_early_bird: bool
    program_revision: int
    quoted_at: datetime

    def __post_init__(self) -> None:
        parts = (self.class_rep_discount, self.early_bird_discount)
        if self.total != self.full_price.less(*parts):
            raise ValueError("a quote adds up")

    @property
    def is_free(self) -> bool:
        """Say whether nothing is left to pay; Stripe is then never called."""
        return self.total.is_zero

    @property
    def fingerprint(self) -> str:
        """Name the offer: two quotes of one fingerprint cost the same for the same."""
        parts = (
            f"{self.full_price.amount} {self.full_price.currency.code}",
            self.class_rep_discount.amount,
            self.early_bird_discount.amount,
            self.total.amount,
            self.is_class_rep,
            self.is_early_bird,
            self.program_revision,
        )
        return sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]


def quote(program: Program, *, as_class_rep: bool, at: datetime) -> Quote:
    """Price a place for one buyer at a moment.

    The early-bird discount counts while `at` is before the deadline; both discounts add
    up; the total never falls below zero.

    Raises:
        ProgramIsFree: there is nothing to sell.
        BelowMinimumCharge: Stripe would not charge the total.
    """
    terms = program.terms
    if terms.is_free:
        raise ProgramIsFree
    nothing = Money(0, terms.full_price.currency)
    is_early = terms.is_early(at)
    rep_discount = terms.class_rep_discount if as_class_rep else nothing
    early_discount = terms.early_bird_discount if is_early else nothing
    total = terms.full_price.less(rep_discount, early_discount)
    if not (total.is_zero or total.is_chargeable):
        raise BelowMinimumCharge(total)
    return Quote(
        full_price=terms.full_price,
        class_rep_discount=rep_discount,
        early_bird_discount=early_discount,
        total=total,
        is_class_rep=as_class_rep,
        is_early_bird=is_early,
        program_revision=program.revision,
        quoted_at=at.astimezone(UTC),
    )


def still_offers(program: Program, offer: Quote) -> bool:
    """Say whether a program, as it is now, would be sold at a price made before.

    Under the revision of the offer it is; under another one it is if it is for sale and
    every part of the price has stayed the same.
    """
    if program.revision == offer.program_revision:
        return True
    if not program.is_for_sale:
        return False
    try:
        now = quote(program, as_class_rep=offer.is_class_rep, at=offer.quoted_at)
    except DomainError:
        return False
    return replace(now, program_revision=offer.program_revision) == offer
