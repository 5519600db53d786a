"""Every price that a program can have, for whoever sets its terms."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from domain.program import Program, ProgramIsFree
from domain.quote import BelowMinimumCharge, Quote, quote

INSTANT: Final = timedelta(milliseconds=1)  # as exactly as moments are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A quote, or why there is none: exactly one of the two."""

    quote: Quote | None = None
    refusal: ProgramIsFree | BelowMinimumCharge | None = None

    @classmethod
    def of(cls, program: Program, *, as_class_rep: bool, at: datetime) -> Self:
        """Price a place just as a checkout would."""
        try:
            return cls(quote=quote(program, as_class_rep=as_class_rep, at=at))
        except (ProgramIsFree, BelowMinimumCharge) as refusal:
            return cls(refusal=refusal)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """The four prices.  Without an early-bird deadline two pairs are the same.

    `last_early` is the last moment at which the early-bird discount counts: at the
    deadline itself it is over.
    """

    plain: Offer
    class_rep: Offer
    early_bird: Offer
    both: Offer
    last_early: datetime | None

    @classmethod
    def of(cls, program: Program, *, at: datetime) -> Self:
        """Price all four, on either side of the deadline; at `at` if there is none."""
        deadline = program.terms.early_bird_deadline
        last_early = None if deadline is None else deadline - INSTANT
        late, early = deadline or at, last_early or at
        return cls(
            plain=Offer.of(program, as_class_rep=False, at=late),
            class_rep=Offer.of(program, as_class_rep=True, at=late),
            early_bird=Offer.of(program, as_class_rep=False, at=early),
            both=Offer.of(program, as_class_rep=True, at=early),
            last_early=last_early,
        )
