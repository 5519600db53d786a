"""The terms that a checkout goes by: as it knows them, and as they are."""

from collections.abc import Iterator

from tests.model.steps import Room, Steps, View, Worker
from tests.model.vocabulary import Choice


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

    def _own(self, at: View, step: str) -> Worker:
        """Return the worker with what it began, and the terms that it goes by."""
        if not self.having.changes:
            return at.anew(step)
        worker = at.worker
        return at.anew(step)._replace(
            is_own=worker.is_own or worker.step == "insert",
            known=worker.known,
            has_read=worker.has_read,
            retried=worker.retried,
            began=worker.began,
        )

    def requests(self, buyer: int, revision: int) -> Iterator[Worker]:
        """Yield each request for a checkout, with all terms that it may know."""
        for choice in self.having.choices:
            yield from self._knowing(Worker("insert", buyer, order=choice), revision)

    def _knowing(self, worker: Worker, revision: int) -> Iterator[Worker]:
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
