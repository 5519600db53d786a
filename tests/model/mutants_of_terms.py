"""Planted defects of the terms that a checkout goes by."""

from tests.model.protocol import Protocol
from tests.model.steps import Steps, View, Worker
from tests.model.vocabulary import Choice


class SpotUnderAnyRevision(Protocol):
    """The filter that takes a spot does not name the revision of its price."""

    def _are_terms_right(self, at: View) -> bool:
        return True


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


class HelpsUnlooked(Protocol):
    """Who has terms on hand goes on with what others began, without a look."""

    def _help(self, at: View, step: str) -> Worker:
        return self._knows(at, step)


class HelpsUnderAnyRevision(Protocol):
    """The filter names the revision of one's own price, and none for others'."""

    def _are_terms_right(self, at: View) -> bool:
        return not at.worker.is_own or super()._are_terms_right(at)


class HelpsAfterARetirement(Protocol):
    """Who reads that nothing is sold any more opens what was begun before."""

    def _look(self, at: View, step: str) -> Steps:
        then = self._knows(at, step)._replace(known=at.revision, has_read=True)
        return at.go("read program: carry on all the same", then)
