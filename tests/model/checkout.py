"""CHECKOUT and FORWARD: from the insert to the url."""

from typing import ClassVar

from tests.model.selling import Selling
from tests.model.steps import Steps, View, WideView, Worker, set_status
from tests.model.vocabulary import (
    CANCELLABLE,
    LIVE,
    TERMINAL,
    Choice,
    Mail,
    Session,
    Status,
    word,
)


class Checkout(Selling):
    closed_holder: ClassVar[tuple[Status, ...]] = TERMINAL  # these lose theirs

    def insert(self, at: WideView) -> Steps:
        """Let the unique index decide who is the live purchase."""
        worker, mine = at.worker, at.buyers[at.worker.buyer]
        live = self._live_duplicate(at)
        if live is not None:
            there = worker._replace(step="read_live", attempt=live)
            return at.go("insert: duplicate key, join", there)
        room = [n for n, p in enumerate(mine) if p.status is Status.ABSENT]
        if not room:
            return at.go("insert: no attempts left")
        is_rep = worker.order is Choice.REP
        first = Status.CREATING if is_rep else Status.RESERVED
        new = mine[room[0]]._replace(
            status=first,
            choice=worker.order or Choice.REP,
            price=self.having.terms(worker.known).price,
        )
        then = self._begun(at)._replace(attempt=room[0])
        return [
            made._replace(attempt=room[0])
            for made in at.go(f"insert purchase {word(first)}", then, to=new)
        ]

    def _begun(self, at: View) -> Worker:
        """Return who goes on with what was just inserted."""
        if at.worker.order is Choice.REP:
            return self._own(at, "reserve_spot")
        if self.having.changes and not at.worker.has_read:
            return self._own(at, "verify_terms")
        return self._own(at, "create_session")

    def _live_duplicate(self, at: WideView) -> int | None:
        mine = at.buyers[at.worker.buyer]
        return next((n for n, p in enumerate(mine) if p.status in LIVE), None)

    def read_live(self, at: View) -> Steps:
        """Read the purchase that was there first."""
        purchase, order = at.purchase, at.worker.order
        if purchase.status in CANCELLABLE and purchase.choice is not order:
            return self._replace_other_choice(at)
        match purchase.status:
            case Status.CREATING:
                return at.go("read: creating, help", self._help(at, "reserve_spot"))
            case Status.RESERVED:
                then = self._help(at, "create_session")
                return at.go("read: reserved, help", then)
            case Status.PENDING:
                shown = purchase._replace(url_shown=True)
                out = at.answer("read: pending, answer url", to=shown)
                return out + (self._doubt_pending(at) if self._closes_old(at) else [])
            case Status.CLOSING if self._closes_old(at):
                label = "read: closing, close in line"
                return at.go(label, at.on("learn_session"))
        return at.go(f"read: {word(purchase.status)}, refuse")

    def _closes_old(self, at: View) -> bool:
        return self.having.again and not at.worker.retried

    def _doubt_pending(self, at: View) -> Steps:
        return at.go("read: pending, past by our clock, look", at.on("retrieve"))

    def _replace_other_choice(self, at: View) -> Steps:
        if at.worker.retried:
            return at.go("read: other choice, one replacement a request")
        if at.worker.order is Choice.REP and at.is_full:
            return at.go("read: other choice, full, keep")
        if not self.having.terms(self._read_lately(at)).is_for_sale:
            return at.go("read: other choice, not for sale, keep")
        return self._replace_it(at)

    def _replace_it(self, at: View) -> Steps:
        """Replace by terms that this request has read: an open page depends on them."""
        then = at.on("begin_close")
        if self.having.changes:
            then = then._replace(known=self._read_lately(at), has_read=True)
        return at.go("read: other choice, replace", then)

    def reserve_spot(self, at: View) -> Steps:
        """Push the spot if there is room and it is not there, in one update.

        The same filter has the revision that the price of one's own was made under, or
        that was read before others' is helped along.  It knows of no pause.
        """
        has_room = not at.purchase.holds_spot and not self._is_full(at)
        if has_room and self._are_terms_right(at):
            held = at.purchase._replace(holds_spot=True)
            then = self._knows(at, "mark_reserved")
            return at.go("reserve spot", then, to=held)
        out = at.go("reserve: no match", at.on("read_program"))
        return out + self._learn_it_is_full(at)

    def _learn_it_is_full(self, at: View) -> Steps:
        """Go by this answer, and not by terms that change before the holders are read.

        It was full under the right terms when it said so, and a no needs no more.
        """
        is_told = self._is_full(at) and self._are_terms_right(at)
        if not (self.having.changes and self.having.pulls_full and is_told):
            return []
        return at.go("reserve: no match", at.on("read_holders"))

    def _is_full(self, at: View) -> bool:
        return at.is_full

    def _are_terms_right(self, at: View) -> bool:
        return not self.having.changes or at.worker.known == at.revision

    def read_program(self, at: WideView) -> Steps:
        if at.purchase.holds_spot:
            then = self._knows(at, "mark_reserved")
            return at.go("read program: spot is ours", then)
        if not self._are_terms_right(at):
            return self._read_other_terms(at)
        return self._rid_of_holders(at)

    def read_holders(self, at: WideView) -> Steps:
        """See who holds the spots, by now, and nothing of the terms."""
        if at.purchase.holds_spot:
            then = self._knows(at, "mark_reserved")
            return at.go("read program: spot is ours", then)
        return self._rid_of_holders(at)

    def _rid_of_holders(self, at: WideView) -> Steps:
        if not self.having.pulls_full or at.worker.retried:
            return at.go("read program: full", at.anew("give_up"))
        gone = [
            self._own(at, "release_holder")._replace(holder=(buyer, attempt))
            for buyer, purchases in enumerate(at.buyers)
            for attempt, holder in enumerate(purchases)
            if holder.holds_spot and holder.status in self.closed_holder
        ]
        out = [
            at.go("read program: full, a holder is terminal", then)[0] for then in gone
        ]
        return out or at.go("read program: full", at.anew("give_up"))

    def _read_other_terms(self, at: View) -> Steps:
        """See terms under which no spot was asked for; or a pause, or a retirement."""
        look = "verify_terms" if at.worker.is_own else "look_before_spot"
        out = at.go("read program: other terms", at.on(look))
        if not self.having.terms(at.revision).is_for_sale:
            out += at.go("read program: retired", at.anew("give_up"))
        return out

    def release_holder(self, at: WideView) -> Steps:
        """Pull a holder that was read terminal, then try once more."""
        buyer, attempt = at.worker.holder or (0, 0)
        freed = at.buyers[buyer][attempt]._replace(holds_spot=False)
        then = self._own(at, "reserve_spot")._replace(retried=True)
        released = at.go("release the terminal holder", then, to=freed)[0]
        return [released._replace(buyer=buyer, attempt=attempt)]

    def give_up(self, at: View) -> Steps:
        if at.purchase.status is Status.CREATING:
            closed = set_status(at.purchase, Status.CLOSED)
            then = at.anew("release_spot")
            return at.go("cas creating->closed (limit reached)", then, to=closed)
        return at.go("cas creating->closed: no match")

    def mark_reserved(self, at: View) -> Steps:
        """Mark the phase: from here on Stripe may know about the purchase."""
        match at.purchase.status:
            case Status.CREATING:
                reserved = set_status(at.purchase, Status.RESERVED)
                then = self._knows(at, "create_session")
                return at.go("cas creating->reserved", then, to=reserved)
            case Status.RESERVED:
                then = self._knows(at, "create_session")
                return at.go("cas creating->reserved: already", then)
            case Status.CLOSED | Status.REFUNDED:
                then = at.anew("release_spot")
                return at.go("cas creating->reserved: closed under us", then)
        return at.go("cas creating->reserved: no match")

    def create_session(self, at: View) -> Steps:
        """Create the session; the key is the purchase's id."""
        if self._needs_no_stripe(at):
            return self._complete_free(at)
        if at.purchase.key_holds_500:
            return at.stripe("stripe create: saved 500 again")
        match at.purchase.session:
            case Session.REJECTED:
                then = self._knows(at, "note_rejection")
                return at.stripe("stripe create: refused for good", then)
            case Session.NONE:
                return self._create_first(at)
        then = at.anew("save_session")
        return at.stripe("stripe create: same session by key", then)

    def _needs_no_stripe(self, at: View) -> bool:
        return self.is_free(at.purchase)

    def _create_first(self, at: View) -> Steps:
        opened = at.purchase._replace(session=Session.OPEN)
        then = at.anew("save_session")
        out = at.stripe("stripe create session", then, to=opened)
        if self.having.sick_keys:
            sick = at.purchase._replace(key_holds_500=True)
            out += at.stripe("stripe create: 500, no session", to=sick)
            sick = opened._replace(key_holds_500=True)
            out += at.stripe("stripe create: 500, but session exists", to=sick)
        if self.having.flaky_creates:
            then = self._knows(at, "note_rejection")
            out += at.stripe("stripe create: refused, not stored", then)
        return out

    def _complete_free(self, at: View) -> Steps:
        purchase = at.purchase
        if purchase.status is Status.RESERVED:
            mail = Mail.DUE if self.having.mails else Mail.NONE
            done = purchase._replace(status=Status.COMPLETED, mail=mail)
            return at.go("cas reserved->completed (free)", to=done)
        if purchase.status in TERMINAL:
            then = at.anew("release_spot")
            return at.go("cas reserved->completed: closed", then)
        return at.go("cas reserved->completed: no match")

    def note_rejection(self, at: View) -> Steps:
        """Close; if it was only too late for Stripe, try once more at once."""
        then = at.anew("release_spot")
        if at.purchase.status is Status.RESERVED:
            closed = set_status(at.purchase, Status.CLOSED)
            if self.having.again:
                again = self._knows(at, "release_spot")
                then = again._replace(order=at.purchase.choice)
            return at.go("cas reserved->closed (rejected)", then, to=closed)
        if at.purchase.status in TERMINAL:
            return at.go("cas reserved->closed: already", then)
        return at.go("cas reserved->closed: no match")

    def save_session(self, at: View) -> Steps:
        """Save the session; the url leaves only from pending."""
        shown = at.purchase._replace(url_shown=True)
        match at.purchase.status:
            case Status.RESERVED:
                saved = shown._replace(status=Status.PENDING, session_saved=True)
                return at.answer("cas reserved->pending, answer url", to=saved)
            case Status.PENDING:
                label = "cas reserved->pending: already, answer url"
                return at.answer(label, to=shown)
            case Status.CLOSED:
                return self._drop_session(at)
        return at.go("cas reserved->pending: no match")

    def _drop_session(self, at: View) -> Steps:
        return at.go("cas reserved->pending: closed", at.anew("expire_left"))
