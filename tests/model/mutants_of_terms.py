"""Planted defects of the terms that a checkout goes by."""

from tests.model.protocol import Protocol
from tests.model.steps import View, Worker
from tests.model.vocabulary import Choice


class SpotUnderAnyRevision(Protocol):
    """The filter that takes a spot does not name the revision of its price."""

    def _are_terms_right(self, at: View) -> bool:
        return self.having.terms(at.revision).is_for_sale


class TermsUnverified(Protocol):
    """Who has terms on hand goes to Stripe with them."""

    def _begun(self, at: View) -> Worker:
        is_rep = at.worker.order is Choice.REP
        return self._own(at, "reserve_spot" if is_rep else "create_session")


class LimitOnHand(Protocol):
    """The spots are counted against the limit that was read some time ago."""

    def _is_full(self, at: View) -> bool:
        known = self.having.terms(at.worker.known).limit
        return at.is_full and known <= self.having.terms(at.revision).limit

    def _are_terms_right(self, at: View) -> bool:
        return True


class PriceUncompared(Protocol):
    """The program is read, and whatever it asks is found to be the same."""

    def _still_asks(self, at: View) -> bool:
        return True
