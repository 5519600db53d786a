"""What is asked of the service, kind by kind, each standing on those before it."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from application.ports.payment_events import EventKind
from domain.ids import SessionId
from entrypoints.cli.serve import reconcile_jobs
from tests.bench.growth.desk import Asked, Desk
from tests.bench.growth.stock import OF_ONE_BUYER, PROGRAMS
from tests.bench.growth.store import Stocked
from tests.http.people import Person
from tests.http.service import CREATE, WEBHOOK, event_json, session_json, sign

# The one compares a day with Stripe's books, in which no purchase of the stock is; the
# other asks for dbStats, for which the embedded server reads every row (two minutes at
# 100,000) and MongoDB none.
LEFT_OUT: Final = frozenset({"keep ledger", "watch storage"})
ROOT: Final = Person(id="root", email="root@example.org", name="Root", role="admin")

FEW: Final = 4
SMALL_PAGE: Final = "pageSize=2"  # which a program has of a hundred purchases, too

Errand = Callable[[], Awaitable[Any]]


class Kind(StrEnum):
    CHECKOUT = "checkout"
    REPEAT = "repeat"
    WEBHOOK = "webhook"
    DUPLICATE = "duplicate"
    CLASS_REP = "class rep"
    CANCEL = "cancel"
    MINE = "my purchases"
    DAY = "admin, the last day's page"
    BY_PROGRAM = "admin, a program's page"
    SEARCH = "admin, search by mail address"
    BY_NAME = "admin, search by name"
    JOBS = "a round of the jobs"


@dataclass(kw_only=True)
class Errands:
    """So many of each kind, for one desk and one round; `tag` is in no other round."""

    desk: Desk
    stocked: Stocked
    program: str
    tag: str
    size: int
    pages: list[dict[str, Any]] = field(default_factory=list)
    reps: list[dict[str, Any]] = field(default_factory=list)
    events: list[Asked] = field(default_factory=list)

    def of(self, kind: Kind) -> Sequence[Errand]:
        """Prepare them; those of the kinds before have been done."""
        if kind is Kind.JOBS:
            return [self._round_of_jobs]
        return [self._asking(kind, asked) for asked in self._asked(kind)]

    def _asking(self, kind: Kind, asked: Asked) -> Errand:
        async def ask() -> None:
            answer = await self.desk.ask(asked)
            if kind is Kind.CHECKOUT:
                self.pages.append(answer["data"])
            if kind is Kind.CLASS_REP:
                self.reps.append(answer["data"])

        return ask

    def _asked(self, kind: Kind) -> Sequence[Asked]:
        match kind:
            case Kind.CHECKOUT | Kind.REPEAT:
                return [self._check_out(who, rep=False) for who in self._buyers("buy")]
            case Kind.CLASS_REP:
                return [self._check_out(who, rep=True) for who in self._buyers("rep")]
            case Kind.WEBHOOK:
                self.events = [self._paid(page["sessionId"]) for page in self.pages]
                return self.events
            case Kind.DUPLICATE:
                return self.events
            case Kind.CANCEL:
                pairs = zip(self._buyers("rep"), self.reps, strict=True)
                return [self._cancel(who, page["purchaseId"]) for who, page in pairs]
        return [self._read(kind, number) for number in range(self.size)]

    def _buyers(self, what: str) -> list[Person]:
        names = [f"{self.tag}-{what}-{number}" for number in range(self.size)]
        return [Person(id=n, email=f"{n}@example.org", name="Ada") for n in names]

    def _check_out(self, who: Person, *, rep: bool) -> Asked:
        wanted = {"programId": self.program, "isClassRep": rep}
        return Asked(
            method="POST",
            path=CREATE,
            headers=bearer(who) | {"Content-Type": "application/json"},
            body=json.dumps(wanted).encode(),
        )

    def _cancel(self, who: Person, purchase_id: str) -> Asked:
        path = f"/api/purchases/{purchase_id}"
        return Asked(method="DELETE", path=path, headers=bearer(who))

    def _paid(self, session_id: str) -> Asked:
        """Pay, and return what Stripe would tell."""
        subject = session_json(self.desk.payments.pay(SessionId(session_id)))
        told = json.loads(
            event_json(subject, EventKind.SESSION_COMPLETED, livemode=False)
        )
        at = int(self.desk.clock.now().timestamp())
        told |= {"id": f"evt_{session_id}", "created": at}
        body = json.dumps(told).encode()
        return Asked(
            method="POST",
            path=WEBHOOK,
            headers={
                "Content-Type": "application/json",
                "Stripe-Signature": sign(body, at=at),
            },
            body=body,
        )

    def _read(self, kind: Kind, number: int) -> Asked:
        buyers = self.stocked.number // OF_ONE_BUYER
        last = buyers - 1 - number % FEW  # whose name is the beginning of no other
        buyer = f"buyer{last}"
        if kind is Kind.MINE:
            who = Person(id=buyer, email=f"{buyer}@example.org", name="Ada")
            path = "/api/purchases/my-purchases"
            return Asked(method="GET", path=path, headers=bearer(who))
        query = {
            Kind.DAY: f"from={self.stocked.until:%Y-%m-%d}",
            Kind.BY_PROGRAM: f"programId=program{number % PROGRAMS}&{SMALL_PAGE}",
            Kind.SEARCH: f"search={buyer}%40example.org",
            Kind.BY_NAME: f"search=Buyer%20{last}",
        }[kind]
        return Asked(
            method="GET",
            path="/api/admin/purchases",
            query=query,
            headers=bearer(ROOT),
        )

    async def _round_of_jobs(self) -> None:
        for job in reconcile_jobs(self.desk.container.use_cases()):
            if job.name not in LEFT_OUT:
                await job.run()


def bearer(who: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {who.token}"}
