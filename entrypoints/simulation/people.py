"""Buyers who change their minds, delayed payments, and who changes the program."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Final

from application.ports.payments import IntentState, SessionNotOpen
from application.request_refund import RequestRefundCommand
from application.start_checkout import CheckoutAnswer, StartCheckoutCommand
from domain.checkout import CheckoutSession, PaymentStatus, SessionStatus
from domain.class_rep import SpotsExhausted
from domain.ids import SessionId
from domain.purchase import Buyer, Purchase
from entrypoints.simulation.plot import CHOIR
from entrypoints.simulation.world import World

PATIENCE_SECONDS: Final = (1.0, 20.0, 120.0, 600.0, 1500.0)
LOOKS_MAX: Final = 5  # for something that was over
DEEDS: Final = (
    *("pay",) * 8,
    *("pay later",) * 2,
    *("cancel",) * 3,
    *("pay and cancel",) * 2,
    *("click twice",) * 2,
    *("choose again",) * 2,
    *("retry",),
    *("walk away",) * 2,
    *("give back",) * 4,
)


class People:
    """Everybody outside who does something."""

    def __init__(self, world: World, complain: Callable[[str], None]) -> None:
        self._world = world
        self._complain = complain
        self._random: Random = world.random
        self.busy = len(world.plot.buyers)

    # --- Buyers -----------------------------------------------------------------

    async def buy(self, buyer: Buyer) -> None:
        """Live through a few visits to the shop."""
        is_rush = self._world.plot.is_rush
        as_class_rep = is_rush or self._chance(0.7)
        for visit in range(self._random.randint(1, 3)):
            if visit > 0 or not is_rush:
                await self._wait()
            answer = await self._check_out(buyer, as_class_rep=as_class_rep)
            if isinstance(answer, CheckoutAnswer):
                await self._wait()
                as_class_rep ^= await self._act(answer.purchase)
        self.busy -= 1

    async def _check_out(
        self, buyer: Buyer, *, as_class_rep: bool
    ) -> CheckoutAnswer | BaseException:
        command = StartCheckoutCommand(
            buyer=buyer, program_id=CHOIR, as_class_rep=as_class_rep
        )
        answer = await self._world.ask(
            lambda service: service.start_checkout()(command)
        )
        if isinstance(answer, SpotsExhausted):
            self._world.director.note("full")
        return answer

    async def _act(self, purchase: Purchase) -> bool:  # noqa: C901  # a case a deed
        """Do something about an open checkout; say whether to want the other choice."""
        if purchase.session is None:
            return False
        deed = self._random.choice(DEEDS)
        self._world.director.note(deed)
        match deed:
            case "pay":
                await self._pay_and_come_back(purchase, purchase.session.id)
            case "pay later":
                await self._pay_later(purchase.session.id)
            case "cancel":
                await self._cancel(purchase)
            case "pay and cancel":
                self._pay(purchase.session.id)
                await self._cancel(purchase)
            case "click twice":
                await self._click_twice(purchase)
            case "give back":
                await self._pay_and_give_back(purchase, purchase.session.id)
            case "retry":
                await self._retry(purchase)
        return deed == "choose again"

    async def _pay_and_come_back(
        self, purchase: Purchase, session_id: SessionId
    ) -> None:
        self._pay(session_id)
        if self._chance(0.5):
            await self._world.ask(
                lambda service: service.verify_session()(purchase.buyer.id, session_id)
            )

    async def _pay_and_give_back(
        self, purchase: Purchase, session_id: SessionId
    ) -> None:
        """Want the money back, sooner or later, sometimes twice at the same time."""
        await self._pay_and_come_back(purchase, session_id)
        await self._wait()
        command = RequestRefundCommand(
            purchase_id=purchase.id, buyer_id=purchase.buyer.id
        )
        if self._chance(0.3):
            self._world.spawn(self._ask_back(command))
        await self._ask_back(command)

    async def _ask_back(self, command: RequestRefundCommand) -> None:
        await self._world.ask(lambda service: service.request_refund()(command))

    async def _cancel(self, purchase: Purchase) -> None:
        await self._world.ask(
            lambda service: service.cancel_purchase()(purchase.buyer.id, purchase.id)
        )

    async def _retry(self, purchase: Purchase) -> CheckoutAnswer | BaseException:
        return await self._world.ask(
            lambda service: service.retry_checkout()(purchase.buyer, purchase.id)
        )

    async def _click_twice(self, purchase: Purchase) -> None:
        """Ask twice at the same time, and pay on the page that came second."""
        self._world.spawn(self._second_click(purchase))
        answer = await self._check_out(
            purchase.buyer, as_class_rep=purchase.is_class_rep
        )
        if isinstance(answer, CheckoutAnswer) and answer.purchase.session:
            self._pay(answer.purchase.session.id)

    async def _second_click(self, purchase: Purchase) -> None:
        as_class_rep = purchase.is_class_rep ^ self._chance(0.3)
        await self._check_out(purchase.buyer, as_class_rep=as_class_rep)

    # --- Money ------------------------------------------------------------------

    def _pay(self, session_id: SessionId) -> None:
        try:
            session = self._world.payments.pay(session_id)
        except SessionNotOpen:
            return
        self._world.director.note("paid")
        self._check_not_over(session)

    async def _pay_later(self, session_id: SessionId) -> None:
        """Promise to pay; the bank is slow, and does not always agree."""
        payments = self._world.payments
        try:
            self._check_not_over(payments.pay_later(session_id))
        except SessionNotOpen:
            return
        self._world.spawn(self._bank(session_id))

    async def _bank(self, session_id: SessionId) -> None:
        await self._wait()
        self.decide(session_id)

    def decide(self, session_id: SessionId) -> None:
        """Let the money of a delayed payment arrive, or never."""
        payments = self._world.payments
        intent = payments.intents.get(f"pi_{session_id}")
        is_paid = payments.sessions[session_id].is_paid
        if is_paid or intent is not IntentState.UNDER_WAY:
            return
        if self._chance(0.6):
            self._world.director.note("delayed payment came")
            payments.clear_delayed(session_id)
        else:
            self._world.director.note("delayed payment failed")
            payments.fail_delayed(session_id)

    def decide_all(self) -> None:
        """End every delayed payment, as every bank does some day."""
        for session in list(self._world.payments.sessions.values()):
            if session.payment_status is PaymentStatus.UNPAID:
                self.decide(session.id)

    def _check_not_over(self, session: CheckoutSession) -> None:
        """I9: whoever pays has a purchase that still waits for the money."""
        rows = self._world.store.rows
        row = rows.get(session.purchase_id) if session.purchase_id else None
        if row is None or row.is_terminal:
            self._complain(f"I9 pay: {session.id} was paid after the end")

    # --- Others -----------------------------------------------------------------

    async def stumble_upon_a_page(self) -> None:
        """Pay on a page that perhaps nobody was shown: the model is as cautious."""
        await self._wait()
        payments = self._world.payments
        pages = [s.id for s in payments.sessions.values() if payments.is_open(s)]
        if pages:
            self._pay(self._random.choice(pages))

    async def bring_rogue_money(self) -> None:
        """Pay what the provider said could not be paid any more."""
        for _ in range(LOOKS_MAX):
            await self._wait()
            if over := self._expired():
                self._world.director.note("rogue money")
                self._world.payments.break_its_word(self._random.choice(over))
                return

    def _expired(self) -> list[SessionId]:
        sessions = self._world.payments.sessions.values()
        return [s.id for s in sessions if s.status is SessionStatus.EXPIRED]

    async def change_the_program(self) -> None:
        """Change the limit, or take the program off the shelf, under way."""
        await self._wait()
        stored = self._world.programs.stored
        program = stored[CHOIR]
        limit = self._random.choice((1, 2, 0))
        terms = replace(program.terms, class_rep_limit=limit)
        is_active = self._chance(0.8)
        stored[CHOIR] = replace(program, terms=terms, is_active=is_active)
        self._world.director.note("program changed")

    async def _wait(self) -> None:
        await self._world.pause(self._random.choice(PATIENCE_SECONDS))

    def _chance(self, chance: float) -> bool:
        return self._random.random() < chance
