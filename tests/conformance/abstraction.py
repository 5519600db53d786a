"""What the model would call the present state of the service and of the provider."""

from collections.abc import Sequence
from typing import Final

from application.ports.payments import IntentState
from domain.checkout import CheckoutSession, SessionStatus
from domain.ids import PurchaseId
from domain.outbox import MailState
from domain.purchase import Buyer
from domain.purchase import Purchase as Row
from entrypoints.simulation.outside.payments import SHORTEST
from tests.conformance.money import Inexpressible, with_late_money, with_money
from tests.conformance.stage import Stage
from tests.examples import CHOIR
from tests.model.configuration import Configuration
from tests.model.steps import Buyers
from tests.model.vocabulary import Choice, Mail, Program, Purchase, Session, Status

Documents = tuple[Buyers, Program]

MAILS: Final = {
    MailState.DUE: Mail.DUE,
    MailState.LEASED: Mail.DUE,  # the model has no leases: they save mails, no more
    MailState.SENT: Mail.SENT,
}


class Abstraction:
    """Reads the stores behind the ports; nothing of it passes a gate."""

    def __init__(
        self, stage: Stage, buyers: Sequence[Buyer], having: Configuration
    ) -> None:
        self._stage = stage
        self._having = having
        self._places = {buyer.id: place for place, buyer in enumerate(buyers)}

    def documents(self) -> Documents:
        """Return the present state.

        Raises:
            Inexpressible: there is something that the model knows nothing of.
        """
        held = self._stage.held()
        mine: list[list[Purchase]] = [[] for _ in self._places]
        for row in self._stage.rows:
            mine[self._places[row.buyer.id]].append(self._purchase(row, held))
        program = self._stage.programs.stored[CHOIR]
        now = Program(program.terms.class_rep_limit, self._stage.revision)
        return padded(tuple(map(tuple, mine))), now

    def place_of(self, row: Row) -> tuple[int, int]:
        """Return the buyer's number and the attempt's, as the model counts them."""
        theirs = [each.id for each in self._stage.rows if each.buyer == row.buyer]
        return self._places[row.buyer.id], theirs.index(row.id)

    def _purchase(self, row: Row, held: frozenset[PurchaseId]) -> Purchase:
        known = self._stage.changes_before(row.quote.program_revision)
        purchase = Purchase(
            status=Status[row.status.name],
            choice=Choice.REP if row.is_class_rep else Choice.PLAIN,
            price=self._having.terms(known).price,
            holds_spot=row.id in held,
            session_saved=row.session is not None,
            # Whoever saves the session may answer with its page at once.
            url_shown=row.session is not None,
            mail=self._mail(row),
            session=self._session(row),
            key_holds_500=self._stage.stripe.holds_failure(row.id),
        )
        named = self._stage.stripe.named[row.id]
        own = named[0] if named else None
        late = next((e for e in row.extra_payments if e.session_id == own), None)
        treasury = self._stage.treasury
        if late is not None:
            return with_late_money(purchase, late, treasury)
        return with_money(purchase, row, treasury, f"pi_{own}" if own else None)

    def _mail(self, row: Row) -> Mail:
        if row.confirmation is None:
            return Mail.NONE
        if row.confirmation.state not in MAILS:
            raise Inexpressible(f"a mail that is {row.confirmation.state}")
        return MAILS[row.confirmation.state]

    def _session(self, row: Row) -> Session:
        sessions = self._stage.stripe.named[row.id]
        if len(sessions) > 1:
            raise Inexpressible(f"{len(sessions)} sessions of one purchase")
        if sessions:
            return self._state(row, self._stage.stripe.sessions[sessions[0]])
        request, now = row.request, self._stage.stripe.now()
        if request is not None and request.expires_at < now + SHORTEST:
            return Session.REJECTED
        return Session.NONE

    def _state(self, row: Row, session: CheckoutSession) -> Session:
        if session.status is SessionStatus.OPEN:
            return Session.OPEN
        if session.status is SessionStatus.EXPIRED:
            return Session.EXPIRED
        if session.is_paid:
            is_right = session.amount_total == row.quote.total.amount
            return Session.PAID if is_right else Session.WRONG
        intent = self._stage.stripe.intents[session.payment_intent or ""]
        return Session.UNPAID if intent is IntentState.OVER else Session.PROCESSING


def padded(buyers: Buyers) -> Buyers:
    """Leave each buyer room for one more purchase, however many there are."""
    return tuple(
        mine if mine and mine[-1] == Purchase() else (*mine, Purchase())
        for mine in buyers
    )
