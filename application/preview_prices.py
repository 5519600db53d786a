"""What places would cost under terms that are not stored yet."""

from dataclasses import dataclass
from datetime import datetime

from application.ports.clock import Clock
from application.terms import as_asked, check_time_zone
from domain.price_list import PriceList
from domain.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePreview:
    """`is_early`: whether the early-bird discount counts at the moment asked about."""

    prices: PriceList
    at: datetime
    is_early: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPrices:
    """Price a draft by the very rule by which a checkout does."""

    clock: Clock

    def __call__(self, draft: Program, *, at: datetime | None) -> PricePreview:
        """Return its four prices; `at` is now unless somebody asks about another time.

        Raises:
            TermsRefused: its time zone is in no list of time zones.
        """
        with as_asked():
            check_time_zone(draft.time_zone)
        moment = at or self.clock.now()
        return PricePreview(
            prices=PriceList.of(draft, at=moment),
            at=moment,
            is_early=draft.terms.is_early(moment),
        )
