"""Buyers who ask until they get an answer, and a ledger of what they were told.

A broken connection and a 503 are no answers: the buyer asks again, of whichever service
has the next turn, for the same thing.  Everything else is written down and must be true
when the storm is over.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

import httpx

from domain.program import Program
from tests.examples import a_program
from tests.processes.fleet import Fleet
from tests.servers.service import bearer
from tests.waiting import eventually

CHECKOUT: Final = "/api/purchases/create-checkout-session"
REFUND: Final = "/api/purchases/refund"
PATIENCE: Final = 180.0  # of a buyer with one wish, services starting all the time
ASK_AGAIN_AFTER: Final = 0.25  # seconds: impatient, Retry-After says 1
BUYERS: Final = [f"buyer{n}" for n in range(40)]
CLASS_REP_LIMIT: Final = 4
LOST: Final = "instance_lost"  # what nginx says where no instance has answered
# What the rules may answer when buyers click twice and change their minds.
REFUSALS: Final = frozenset(
    {
        "already_purchased",
        "cannot_cancel_completed",
        "checkout_closed",
        "class_rep_limit_reached",
        "not_refundable",  # as the request before had it refunded, and was not answered
        "refund_under_way",
    }
)


def programs_for(visits: int) -> list[Program]:
    """Return enough programs that so many visits do not find everything sold."""
    number = max(10, visits // 10)
    return [
        a_program(id=f"program{n}", class_rep_limit=CLASS_REP_LIMIT)
        for n in range(number)
    ]


@dataclass(frozen=True, kw_only=True)
class Wish:
    buyer: str
    program: str
    as_class_rep: bool


@dataclass(frozen=True, kw_only=True)
class Page:
    """A payment page that a buyer was led to."""

    wish: Wish
    purchase: str
    session: str


@dataclass
class Ledger:
    """What somebody was told for certain."""

    pages: dict[str, Page] = field(default_factory=dict)  # by purchase
    cancelled: set[str] = field(default_factory=set)  # purchases
    completed: set[str] = field(default_factory=set)  # purchases
    regretted: set[str] = field(default_factory=set)  # purchases, whose refund is owed
    paid: set[str] = field(default_factory=set)  # sessions
    answers: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    visits: int = 0

    @property
    def broken(self) -> int:
        """Count the requests that ended without an answer."""
        return sum(n for kind, n in self.answers.items() if not kind.isdigit())


@dataclass(kw_only=True)
class Crowd:
    """Buyers at work: the seed decides what they want, their luck what they get."""

    fleet: Fleet
    http: httpx.AsyncClient
    random: Random
    programs: Sequence[str]
    ledger: Ledger = field(default_factory=Ledger)
    is_leaving: bool = False

    @asynccontextmanager
    async def shopping(self, *, size: int = 8) -> AsyncIterator[None]:
        """Visit after visit while the body runs; a visit begun is finished."""
        self.is_leaving = False
        async with asyncio.TaskGroup() as group:
            for _ in range(size):
                group.create_task(self._shop())
            yield
            self.is_leaving = True

    async def _shop(self) -> None:
        while not self.is_leaving:
            await self.visit()
            self.ledger.visits += 1

    async def some_visits(self, number: int = 10) -> None:
        """Let the load be felt."""
        enough = self.ledger.visits + number

        async def were_made() -> bool:
            return self.ledger.visits >= enough

        await eventually(were_made, within=PATIENCE)

    async def visit(self) -> None:
        wish = Wish(
            buyer=self.random.choice(BUYERS),
            program=self.random.choice(self.programs),
            as_class_rep=self.random.random() < 0.6,
        )
        await self.random.choice(VISITS)(self, wish)

    async def check_out(self, wish: Wish) -> Page | None:
        wanted = {"programId": wish.program, "isClassRep": wish.as_class_rep}
        answer = await self.ask(wish.buyer, "POST", CHECKOUT, json=wanted)
        if not answer.is_success:
            return None
        data = answer.json()["data"]
        page = Page(wish=wish, purchase=data["purchaseId"], session=data["sessionId"])
        known = self.ledger.pages.setdefault(page.purchase, page)
        if known != page:
            self.ledger.surprises.append(f"{known} became {page}")
        return page

    async def pay(self, page: Page) -> None:
        """Press the button; a page that was closed meanwhile takes no money."""
        _, leads_to = await self.fleet.stripe.press(page.session, "pay")
        if "/purchase/success" in leads_to:
            self.ledger.paid.add(page.session)

    async def verify(self, page: Page) -> None:
        path = f"/api/purchases/verify-session/{page.session}"
        answer = await self.ask(page.wish.buyer, "GET", path)
        if answer.is_success and answer.json()["data"]["status"] == "completed":
            self.ledger.completed.add(page.purchase)

    async def cancel(self, page: Page) -> None:
        path = f"/api/purchases/{page.purchase}"
        answer = await self.ask(page.wish.buyer, "DELETE", path)
        if answer.status_code == httpx.codes.OK:
            self.ledger.cancelled.add(page.purchase)

    async def regret(self, page: Page) -> None:
        """Want the money back."""
        wanted = {"purchaseId": page.purchase}
        answer = await self.ask(page.wish.buyer, "POST", REFUND, json=wanted)
        if answer.is_success:
            self.ledger.regretted.add(page.purchase)

    async def ask_once(self, wish: Wish) -> None:
        """Ask for a page and leave, whatever comes of it."""
        wanted = {"programId": wish.program, "isClassRep": wish.as_class_rep}
        await self._ask_once("POST", CHECKOUT, json=wanted, headers=bearer(wish.buyer))

    async def ask(
        self, buyer: str, method: str, path: str, **more: Any
    ) -> httpx.Response:
        """Ask until there is an answer.

        Raises:
            TimeoutError: there was none for longer than anybody would try.
        """
        headers = bearer(buyer)
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self._ask_once(method, path, headers=headers, **more)
                if answer is not None:
                    return answer
                await asyncio.sleep(ASK_AGAIN_AFTER)

    async def _ask_once(
        self, method: str, path: str, **more: Any
    ) -> httpx.Response | None:
        url = f"{self.fleet.next_url()}{path}"
        try:
            answer = await self.http.request(method, url, **more)
        except httpx.TransportError as error:
            self.ledger.answers[type(error).__name__] += 1
            return None
        self.ledger.answers[_kind(answer)] += 1
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            self._expect(answer)
            return answer
        if "Retry-After" not in answer.headers:
            self.ledger.surprises.append(f"503 without Retry-After: {answer.text}")
        return None

    def _expect(self, answer: httpx.Response) -> None:
        if not answer.is_success and _code(answer) not in REFUSALS:
            self.ledger.surprises.append(f"{answer.status_code}: {answer.text}")


def _kind(answer: httpx.Response) -> str:
    """Return its status, or what was wrong: then it was no answer of a service."""
    is_503 = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    return LOST if is_503 and _code(answer) == LOST else str(answer.status_code)


def _code(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["code"])
    except (ValueError, KeyError):
        return ""


async def buy(crowd: Crowd, wish: Wish) -> None:
    if page := await crowd.check_out(wish):
        await crowd.pay(page)
        await crowd.verify(page)


async def pay_and_go(crowd: Crowd, wish: Wish) -> None:
    """Leave it to the webhook."""
    if page := await crowd.check_out(wish):
        await crowd.pay(page)


async def think_better(crowd: Crowd, wish: Wish) -> None:
    if page := await crowd.check_out(wish):
        await crowd.cancel(page)


async def cancel_while_paying(crowd: Crowd, wish: Wish) -> None:
    if page := await crowd.check_out(wish):
        await asyncio.gather(crowd.pay(page), crowd.cancel(page))


async def click_twice(crowd: Crowd, wish: Wish) -> None:
    await asyncio.gather(crowd.check_out(wish), crowd.check_out(wish))


async def choose_otherwise(crowd: Crowd, wish: Wish) -> None:
    await crowd.check_out(wish)
    await buy(crowd, replace(wish, as_class_rep=not wish.as_class_rep))


async def give_up(crowd: Crowd, wish: Wish) -> None:
    """Leave to reconcile what a kill cut off."""
    await crowd.ask_once(wish)


async def regret(crowd: Crowd, wish: Wish) -> None:
    if page := await crowd.check_out(wish):
        await crowd.pay(page)
        await crowd.verify(page)
        if page.purchase in crowd.ledger.completed:
            await crowd.regret(page)


VISITS: Final = (
    *(buy,) * 3,
    *(pay_and_go,) * 2,
    *(think_better,) * 2,
    cancel_while_paying,
    click_twice,
    choose_otherwise,
    *(give_up,) * 2,
    *(regret,) * 2,
)


@asynccontextmanager
async def crowd_at(
    fleet: Fleet, random: Random, programs: Sequence[Program]
) -> AsyncIterator[Crowd]:
    """Offer the programs to buyers, who come when `shopping` begins."""
    await fleet.offer(programs)
    # Shorter than the five seconds after which the server hangs up: a request on its
    # way at that moment would be lost, and no test could say whose fault it was.
    limits = httpx.Limits(max_connections=None, keepalive_expiry=2.0)
    async with httpx.AsyncClient(
        timeout=PATIENCE, limits=limits, trust_env=False
    ) as http:
        ids = [program.id for program in programs]
        yield Crowd(fleet=fleet, http=http, random=random, programs=ids)
