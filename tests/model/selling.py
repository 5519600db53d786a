"""The terms that a checkout goes by: as it knows them, and as they are."""

from collections.abc import Iterator
from typing import Final

from tests.model.steps import Room, Steps, View, Worker
from tests.model.vocabulary import Choice

LOOKS: Final = {
    "reserve_spot": "look_before_spot",
    "create_session": "look_before_page",
}


class Selling(Room):
    def verify_terms(self, at: View) -> Steps:
        """Read the program, and see whether it still asks the price."""
        if not self._still_asks(at):
            return self._renew(at)
        is_rep = at.purchase.choice is Choice.REP
        step = "reserve_spot" if is_rep else "create_session"
        then = self._own(at, step)._replace(known=at.revision, has_read=True)
        return at.go("read program: the price stands", then)

    def _still_asks(self, at: View) -> bool:
        asked = self.having.terms(at.revision)
        return asked.is_for_sale and asked.price == at.purchase.price

    def _renew(self, at: View) -> Steps:
        """End what was begun at a price that is gone, and begin again, once."""
        is_for_sale = self.having.terms(at.revision).is_for_sale
        again = at.purchase.choice if is_for_sale and not at.worker.retried else None
        then = at.anew("begin_close")._replace(
            order=again,
            retried=True,
            known=at.revision,
            has_read=True,
            began=at.worker.began,
        )
        return at.go("read program: the price is gone", then)

    def look_before_spot(self, at: View) -> Steps:
        return self._look(at, "reserve_spot")

    def look_before_page(self, at: View) -> Steps:
        return self._look(at, "create_session")

    def _read_lately(self, at: View) -> int:
        """Return the revision that this request has read, if need be just now."""
        return at.worker.known if at.worker.has_read else at.revision

    def _look(self, at: View, step: str) -> Steps:
        """Read the program before going on with what others began and nobody saw.

        It keeps its price.  If it is not for sale, it ends, and so does the request.
        """
        if self.having.terms(at.revision).is_for_sale:
            then = self._knows(at, step)._replace(known=at.revision, has_read=True)
            return at.go("read program: still for sale", then)
        return at.go("read program: no longer for sale", at.anew("begin_close"))

    def _help(self, at: View, step: str) -> Worker:
        """Return who goes on with what others began: by terms that it has read."""
        if not self.having.changes:
            return at.anew(step)
        if at.worker.has_read:
            return self._knows(at, step)
        return self._knows(at, LOOKS[step])

    def _knows(self, at: View, step: str) -> Worker:
        """Return the worker with the terms that it goes by."""
        worker = at.worker
        return at.anew(step)._replace(
            known=worker.known, has_read=worker.has_read, began=worker.began
        )

    def _own(self, at: View, step: str) -> Worker:
        """Return the worker with what it began, and the terms that it goes by."""
        if not self.having.changes:
            return at.anew(step)
        is_own = at.worker.is_own or at.worker.step == "insert"
        known = self._knows(at, step)
        return known._replace(is_own=is_own, retried=at.worker.retried)

    def requests(self, buyer: int, revision: int) -> Iterator[Worker]:
        """Yield each request for a checkout, with all terms that it may know."""
        for choice in self.having.choices:
            yield from self.knowing(Worker("insert", buyer, order=choice), revision)

    def knowing(self, worker: Worker, revision: int) -> Iterator[Worker]:
        """Know what was just read, or what is on hand: however old, and a yes."""
        if not self.having.changes:
            yield worker
            return
        now = worker._replace(began=revision)
        for known in range(revision + 1):
            if self.having.terms(known).is_for_sale:
                yield now._replace(known=known)
        if self.having.terms(revision).is_for_sale:
            yield now._replace(known=revision, has_read=True)
