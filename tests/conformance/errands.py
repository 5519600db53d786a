"""What may be asked of the service, and which workers of the model that may be."""

from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, Final

from application.start_checkout import CheckoutAnswer, StartCheckoutCommand
from domain.purchase import AWAITING_PAYMENT, Buyer
from domain.purchase import Purchase as Row
from domain.purchase import Status as DomainStatus
from tests.conformance.abstraction import Abstraction
from tests.conformance.errands_of_money import asked_back, told
from tests.conformance.following import Starts
from tests.conformance.stage import Stage
from tests.examples import CHOIR
from tests.model.steps import Buyers, Worker
from tests.model.vocabulary import Choice, Status

UNSETTLED: Final = {DomainStatus.CREATING, *AWAITING_PAYMENT}
Work = Coroutine[Any, Any, Any]
# Saved as pending; somebody else may have ended it before the look.
MAY_BE_LOOKED_AT: Final = (
    Status.PENDING,
    Status.CLOSING,
    Status.CLOSED,
    Status.COMPLETED,
)
LEASE_AND_MORE: Final = timedelta(minutes=3)
PURCHASES_MAX: Final = 6  # in one walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    name: str
    work: Work
    starts: Starts
    delivers_mail: bool = False


Kind = Callable[[], Errand | None]


class Errands:
    """Draws what to ask next; None: there is nothing of that kind to ask."""

    def __init__(
        self,
        stage: Stage,
        random: Random,
        abstraction: Abstraction,
        buyers: tuple[Buyer, ...],
    ) -> None:
        self._stage = stage
        self._random = random
        self._abstraction = abstraction
        self._buyers = buyers
        self._kinds: tuple[tuple[Kind, int], ...] = (
            (self.check_out, 8),
            (self.cancel, 4),
            (self.tell, 6),
            (self.drive, 6),
            (self.verify, 2),
            (self.try_again, 2),
            (self.deliver_mail, 3),
            (self.sweep, 1),
            (self.ask_back, 6),
            (self.drive_money, 3),
        )

    def draw(self) -> Errand | None:
        kinds, weights = zip(*self._kinds, strict=True)
        kind: Kind = self._random.choices(kinds, weights)[0]
        return kind()

    def check_out(self) -> Errand | None:
        if len(self._stage.rows) >= PURCHASES_MAX:
            return None
        place = self._random.randrange(len(self._buyers))
        choice = self._random.choice((Choice.REP, Choice.REP, Choice.PLAIN))
        command = StartCheckoutCommand(
            buyer=self._buyers[place],
            program_id=CHOIR,
            as_class_rep=choice is Choice.REP,
        )
        return Errand(
            name=f"check out {choice.name.lower()} by buyer {place}",
            work=self._stage.service.start_checkout()(command),
            starts=_checks_out(place, choice),
        )

    def try_again(self) -> Errand | None:
        row = self._row()
        if row is None or len(self._stage.rows) >= PURCHASES_MAX:
            return None
        place, attempt = self._abstraction.place_of(row)
        choice = Choice.REP if row.is_class_rep else Choice.PLAIN
        return Errand(
            name=f"retry attempt {attempt} of buyer {place}",
            work=self._stage.service.retry_checkout()(row.buyer, row.id),
            starts=_checks_out(place, choice),
        )

    def cancel(self) -> Errand | None:
        row = self._row()
        if row is None:
            return None
        place = self._abstraction.place_of(row)
        return Errand(
            name=f"cancel {_who(place)}",
            work=self._stage.service.cancel_purchase()(row.buyer.id, row.id),
            # A purchase that was closing already is closed in line, as reconcile does.
            starts=_always(Worker("begin_close", *place), Worker("reconcile", *place)),
        )

    def verify(self) -> Errand | None:
        row = self._row()
        if row is None or row.session is None:
            return None
        place = self._abstraction.place_of(row)
        return Errand(
            name=f"verify {_who(place)}",
            work=self._stage.service.verify_session()(row.buyer.id, row.session.id),
            starts=_always(Worker("retrieve", *place)),
        )

    def tell(self) -> Errand | None:
        """Deliver an event: late, again, or out of order."""
        facts = self._stage.facts
        if not facts:
            return None
        # Some of the latest, and any of the old ones.
        among = facts[-3:] if self._random.random() < 0.7 else facts
        event = self._random.choice(among)
        row = self._stage.row_of(event)
        place = self._abstraction.place_of(row)
        return Errand(
            name=f"event {event.kind.value} about {_who(place)}",
            work=self._stage.service.receive_event()(event),
            starts=told(event, row, place),
        )

    def drive(self) -> Errand | None:
        row = self._row()
        if row is None:
            return None
        place = self._abstraction.place_of(row)
        return Errand(
            name=f"reconcile {_who(place)}",
            work=self._drive(row),
            starts=_always(Worker("reconcile", *place)),
        )

    async def _drive(self, row: Row) -> None:
        purchase = await self._stage.purchases.get(row.id)
        await self._stage.service.drive()(purchase)

    def ask_back(self) -> Errand | None:
        """Ask for money as a buyer does, or as an admin, in whole or in part."""
        row = self._bought_row()
        if row is None:
            return None
        place = self._abstraction.place_of(row)
        step, command = asked_back(row, self._random)
        return Errand(
            name=f"{step} {_who(place)}",
            work=self._stage.service.request_refund()(command),
            starts=_always(Worker(step, *place)),
        )

    def drive_money(self) -> Errand | None:
        row = self._bought_row()
        if row is None:
            return None
        place = self._abstraction.place_of(row)
        return Errand(
            name=f"drive the money of {_who(place)}",
            work=self._drive_money(row),
            starts=_always(Worker("reconcile", *place)),
        )

    async def _drive_money(self, row: Row) -> None:
        purchase = await self._stage.purchases.get(row.id)
        await self._stage.service.drive_money()(purchase, by="reconcile")

    def _bought_row(self) -> Row | None:
        """Draw a purchase for which money came."""
        rows = [r for r in self._stage.rows if r.completed_at or r.extra_payments]
        return self._random.choice(rows) if rows else None

    def deliver_mail(self) -> Errand | None:
        return Errand(
            name="deliver mail",
            work=self._stage.service.deliver_mail()(),
            starts=_mails,
            delivers_mail=True,
        )

    def sweep(self) -> Errand | None:
        work = self._stage.service.sweep_spots()()
        return Errand(name="sweep spots", work=work, starts=_always())

    def _row(self) -> Row | None:
        """Draw a purchase; one that is over less often, as little can happen to it."""
        rows = list(self._stage.rows)
        weights = [5 if row.status in UNSETTLED else 1 for row in rows]
        return self._random.choices(rows, weights)[0] if rows else None

    def answered(self, result: object) -> tuple[int, int] | None:
        """Name the purchase whose page a result shows to its buyer, if it does."""
        if not isinstance(result, CheckoutAnswer) or result.purchase.pay_url is None:
            return None
        return self._abstraction.place_of(result.purchase)


def _always(*workers: Worker) -> Starts:
    return lambda _buyers: workers


def _checks_out(place: int, choice: Choice) -> Starts:
    """Insert; and look, as verify-session does, whether a page just saved is over.

    The model answers with what it saved.  The code looks once more, because the key
    repeats an old answer after the page's end.
    """

    def starts(buyers: Buyers) -> Iterator[Worker]:
        yield Worker("insert", place, order=choice)
        for attempt, purchase in enumerate(buyers[place]):
            if purchase.status in MAY_BE_LOOKED_AT:
                yield Worker("retrieve", place, attempt)

    return starts


def _mails(buyers: Buyers) -> Iterable[Worker]:
    for buyer, mine in enumerate(buyers):
        for attempt, purchase in enumerate(mine):
            if purchase.status is not Status.ABSENT:
                yield Worker("send_mail", buyer, attempt)


def _who(place: tuple[int, int]) -> str:
    return f"attempt {place[1]} of buyer {place[0]}"
