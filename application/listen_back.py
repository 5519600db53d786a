"""Compare what the provider remembers with what we know."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from application.causes import BY_RECONCILE
from application.follow_session import FollowSession
from application.learn_dispute import LearnDispute
from application.learn_refund import LearnRefund
from application.match_payment import Stranger
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.locks import LockTimeout
from application.ports.payment_events import ChargeReport, PaymentEvent
from application.ports.payment_history import PaymentHistory
from application.ports.payments import PaymentGateway, PaymentGatewayUnavailable
from application.ports.storage import StorageUnavailable
from application.ports.turns import Turns
from application.receive_event import ReceivePaymentEvent
from application.tell_silence import TellSilence
from domain.checkout import CheckoutSession
from domain.disputes import DisputeReport
from domain.refunding import RefundReport

JOB: Final = "listen back"
TURN: Final = timedelta(minutes=10)
OVERLAP: Final = timedelta(hours=1)  # longer than a page can be paid
REACH: Final = timedelta(days=30)  # as long as the provider keeps events
LISTED_MAX: Final = 100_000

Heard = TypeVar("Heard")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind(Generic[Heard]):
    """One of the provider's lists, and what is done with what it holds."""

    name: str
    since: Callable[[datetime], AsyncGenerator[Heard, None]]
    name_of: Callable[[Heard], str]
    follow: Callable[[Heard], Awaitable[bool]]

    @property
    def mark(self) -> str:
        return f"{JOB}: {self.name}"


@dataclass(slots=True)
class _Listed:
    """What this turn's lists showed as it is now: older word on it says no more."""

    ids: set[str] = field(default_factory=set)

    def add(self, *ids: str) -> None:
        if len(self.ids) < LISTED_MAX:  # beyond that, events are heard one by one
            self.ids.update(ids)

    def forget(self, *ids: str) -> None:
        """Let the events say it: of what nobody knows, the event is what is held."""
        self.ids.difference_update(ids)

    def shows(self, event: PaymentEvent) -> bool:
        match event.subject:
            case CheckoutSession(id=name) | RefundReport(id=name):
                return name in self.ids
            case DisputeReport(dispute=dispute):
                return dispute.id in self.ids
            case ChargeReport(payment_intent=name):  # of which a refund was listed
                return name in self.ids
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenBack:
    """Learn all that webhooks would have told, whether or not they did.

    Sessions, refunds and disputes made lately are listed as they are now; events tell
    what has happened to older ones (protocol 3.2, RECONCILE).  Each of the four lists
    has its own watermark.
    """

    alerts: Alerts
    app: str
    clock: Clock
    environment: str
    follow_session: FollowSession
    history: PaymentHistory
    learn_dispute: LearnDispute
    learn_refund: LearnRefund
    livemode: bool
    payments: PaymentGateway
    receive_event: ReceivePaymentEvent
    tell_silence: TellSilence
    turns: Turns
    worker: str

    async def __call__(self) -> int:
        """Listen from a little before where it last ended; return how many were heard.

        Raises:
            PaymentGatewayUnavailable: the next turn begins at the same place.
            StorageUnavailable: the same.
        """
        at = self.clock.now()
        if not await self.turns.take(JOB, by=self.worker, at=at, until=at + TURN):
            return 0
        listed = _Listed()
        heard = await self._listen(self._sessions(listed))
        heard += await self._listen(self._refunds(listed))
        heard += await self._listen(self._disputes(listed))
        made: list[datetime] = []
        heard += await self._listen(self._events(listed, made))
        await self.tell_silence(made, now=self.payments.now())
        return heard

    # --- The lists --------------------------------------------------------------

    def _sessions(self, listed: _Listed) -> _Kind[CheckoutSession]:
        async def follow(session: CheckoutSession) -> bool:
            ours = (self.app, self.environment, self.livemode)
            if (session.app, session.environment, session.livemode) != ours:
                return False
            listed.add(session.id)
            await self.follow_session(session)
            return True

        return _Kind(
            name="session",
            since=self.history.sessions_since,
            name_of=lambda session: session.id,
            follow=follow,
        )

    def _refunds(self, listed: _Listed) -> _Kind[RefundReport]:
        async def follow(report: RefundReport) -> bool:
            ours = (self.app, self.environment)
            # One from the dashboard bears no mark; its payment says whose it is.
            if report.app and (report.app, report.environment) != ours:
                return False
            listed.add(report.id, report.payment_intent)
            if await self.learn_refund(report, by=BY_RECONCILE) is Stranger.ORPHAN:
                listed.forget(report.id, report.payment_intent)
            return True

        return _Kind(
            name="refund",
            since=self.history.refunds_since,
            name_of=lambda report: report.id,
            follow=follow,
        )

    def _disputes(self, listed: _Listed) -> _Kind[DisputeReport]:
        async def follow(report: DisputeReport) -> bool:
            listed.add(report.dispute.id)
            if await self.learn_dispute(report, by=BY_RECONCILE) is Stranger.ORPHAN:
                listed.forget(report.dispute.id)
            return True

        return _Kind(
            name="dispute",
            since=self.history.disputes_since,
            name_of=lambda report: report.dispute.id,
            follow=follow,
        )

    def _events(self, listed: _Listed, made: list[datetime]) -> _Kind[PaymentEvent]:
        """Hear the events; `made` gets when each of our mode was made."""

        async def follow(event: PaymentEvent) -> bool:
            if event.livemode is not self.livemode:
                return False
            if len(made) < LISTED_MAX:
                made.append(event.created_at)
            if listed.shows(event):
                return False
            await self.receive_event(event)
            return True

        return _Kind(
            name="event",
            since=self.history.events_since,
            name_of=lambda event: event.id,
            follow=follow,
        )

    # --- Listening --------------------------------------------------------------

    async def _listen(self, kind: _Kind[Heard]) -> int:
        """Follow all that one list holds; the mark moves if nothing has failed."""
        began = self.payments.now()
        heard, failed = 0, 0
        async with aclosing(kind.since(await self._start(kind, began))) as listed:
            async for each in listed:
                try:
                    heard += await kind.follow(each)
                except (PaymentGatewayUnavailable, StorageUnavailable):
                    raise
                except LockTimeout:
                    failed += 1  # somebody is at it; it is heard again
                except Exception as error:  # noqa: BLE001  # it stops no other
                    failed += 1
                    await self.alerts.send(_poison_alert(kind, each, error))
        if failed == 0:
            # Before its first answer, the provider's time was only ours.
            mark = min(began, self.payments.now())
            await self.turns.move_mark(kind.mark, to=mark)
        return heard

    async def _start(self, kind: _Kind[Heard], now: datetime) -> datetime:
        mark = await self.turns.mark(kind.mark)
        earliest = now - REACH
        return earliest if mark is None else max(mark - OVERLAP, earliest)


def _poison_alert(kind: _Kind[Heard], each: Heard, error: Exception) -> Alert:
    return Alert(
        code=f"{kind.name}_not_followed",
        message=f"What a {kind.name} means could not be recorded: "
        f"{type(error).__name__}.",
        next_step="Look at it in Stripe; it is tried again at each turn.",
        facts={kind.name: kind.name_of(each)},
    )
