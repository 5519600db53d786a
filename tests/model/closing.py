"""CANCEL, CLOSE, EXPIRED and RELEASE: the ways out, each on Stripe's word."""

from tests.model.steps import Room, Steps, View, Worker, set_status
from tests.model.vocabulary import (
    CANCELLABLE,
    MONEY_CAME,
    TERMINAL,
    UNPAID,
    Session,
    Status,
)


class Closing(Room):
    def begin_close(self, at: View) -> Steps:
        purchase, order = at.purchase, at.worker.order
        closed = set_status(purchase, Status.CLOSED)
        release = at.on("release_spot")
        if purchase.status is Status.CREATING:
            return self._close_creating(at)
        if purchase.status is Status.RESERVED and self.is_free(purchase):
            return at.go("cas reserved->closed (free)", release, to=closed)
        if purchase.status in CANCELLABLE:
            return self._mark_closing(at)
        if order is not None and purchase.status in TERMINAL:
            return at.go("cas ->closing: already terminal", release)
        if order is not None and purchase.status is Status.CLOSING:
            return at.go("cas ->closing: already closing", at.on("learn_session"))
        return at.go("cas ->closing: no match")

    def _close_creating(self, at: View) -> Steps:
        closed = set_status(at.purchase, Status.CLOSED)
        label = "cas creating->closed (nothing outside yet)"
        return at.go(label, at.on("release_spot"), to=closed)

    def _mark_closing(self, at: View) -> Steps:
        closing = set_status(at.purchase, Status.CLOSING)
        return at.go("cas ->closing", at.on("learn_session"), to=closing)

    def learn_session(self, at: View) -> Steps:
        """Take an unknown session by repeating the create, which fences zombies off."""
        if at.purchase.session_saved:
            return at.go("session id known", at.on("expire_session"))
        return self._learn_by_create(at)

    def _learn_by_create(self, at: View) -> Steps:
        if at.purchase.key_holds_500:
            return self._list_sessions(at)
        match at.purchase.session:
            case Session.REJECTED:
                then = self._after_refusal(at)
                return at.stripe("stripe create (fence): refused for good", then)
            case Session.NONE:
                return self._create_fence(at)
        then = at.on("expire_session")
        return at.stripe("stripe create (fence): same session by key", then)

    def _after_refusal(self, at: View) -> Worker | None:
        return at.on("finish_close")

    def _list_sessions(self, at: View) -> Steps:
        match at.purchase.session:
            case Session.NONE:
                return at.stripe("stripe list: none yet, wait for the window")
            case Session.REJECTED:
                return at.stripe("stripe list: cannot exist", at.on("finish_close"))
        return at.stripe("stripe list: found", at.on("expire_session"))

    def _create_fence(self, at: View) -> Steps:
        opened = at.purchase._replace(session=Session.OPEN)
        then = at.on("expire_session")
        out = at.stripe("stripe create (fence)", then, to=opened)
        if self.having.sick_keys:
            sick = at.purchase._replace(key_holds_500=True)
            out += at.stripe("stripe create (fence): 500, no session", to=sick)
            sick = opened._replace(key_holds_500=True)
            out += at.stripe("stripe create (fence): 500, but session exists", to=sick)
        if self.having.flaky_creates:
            then = at.on("finish_close")
            out += at.stripe("stripe create (fence): refused, not stored", then)
        return out

    def expire_session(self, at: View) -> Steps:
        purchase = at.purchase
        if purchase.session is Session.OPEN:
            expired = purchase._replace(session=Session.EXPIRED)
            return at.stripe("stripe expire", at.on("finish_close"), to=expired)
        if purchase.session in MONEY_CAME:
            return at.stripe("stripe expire: already paid", at.on("settle"))
        if purchase.session in {Session.PROCESSING, Session.UNPAID}:
            return self._look_at_unpaid(at)
        return at.stripe("stripe expire: already expired", at.on("finish_close"))

    def retrieve(self, at: View) -> Steps:
        match at.purchase.session:
            case Session.PAID | Session.WRONG:
                return at.stripe("stripe retrieve: paid", at.on("settle"))
            case Session.OPEN | Session.NONE | Session.REJECTED:
                return at.stripe("stripe retrieve: leave it")
            case Session.EXPIRED:
                return at.stripe("stripe retrieve: expired", at.on("expired"))
        return self._look_at_unpaid(at)

    def _look_at_unpaid(self, at: View) -> Steps:
        """A session that is complete and unpaid is decided by its payment intent."""
        if at.purchase.session is Session.PROCESSING:
            return self._wait_for_payment(at)
        label = "stripe: complete, intent wants a payment method"
        return at.stripe(label, at.on("expired"))

    def _wait_for_payment(self, at: View) -> Steps:
        return at.stripe("stripe: complete, intent is processing, wait")

    def finish_close(self, at: View) -> Steps:
        release = at.on("release_spot")
        if at.purchase.status is Status.CLOSING:
            closed = set_status(at.purchase, Status.CLOSED)
            return at.go("cas closing->closed", release, to=closed)
        if at.worker.order is not None and at.purchase.status in TERMINAL:
            return at.go("cas closing->closed: already", release)
        return at.go("cas closing->closed: no match")

    def expired(self, at: View) -> Steps:
        release = at.on("release_spot")
        if at.purchase.status in UNPAID:
            closed = set_status(at.purchase, Status.CLOSED)
            return at.go("cas ->closed", release, to=closed)
        if at.purchase.status in TERMINAL:
            return at.go("cas ->closed: already terminal", release)
        return at.go("cas ->closed: no match")

    def expire_left(self, at: View) -> Steps:
        """Expire the session that a race left open on a closed purchase."""
        then = at.anew("release_spot")
        if at.purchase.session is Session.OPEN:
            expired = at.purchase._replace(session=Session.EXPIRED)
            return at.stripe("stripe expire the one left open", then, to=expired)
        return at.stripe("stripe expire: not open", then)

    def release_spot(self, at: View) -> Steps:
        """Pull the spot of a purchase that was seen terminal, which is stable."""
        then = None
        if at.worker.order is not None:
            then = at.on("insert")._replace(attempt=0, retried=True)
        if at.purchase.holds_spot:
            freed = at.purchase._replace(holds_spot=False)
            return at.go("release spot", then, to=freed)
        return at.go("release spot: not held", then)
