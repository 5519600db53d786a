"""A buyer asks to pay for a program."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.begin_purchase import BeginPurchase
from application.causes import BY_BUYER
from application.check_cool_down import CheckCoolDown
from application.close_purchase import ClosePurchase
from application.errors import ApplicationError
from application.forward_purchase import ForwardPurchase
from application.look_up_session import LookUpSession
from application.ports.clock import Clock
from application.ports.locks import CHECKOUT_WAIT, KeyedLock, checkout_key
from application.ports.payments import (
    PaymentGateway,
    PaymentGatewayUnavailable,
    PaymentRefused,
)
from application.ports.programs import ProgramNotFound, TermsChanged
from application.ports.purchases import (
    LivePurchaseExists,
    OrderNumberTaken,
    PurchaseRepository,
)
from application.ports.storage import StorageUnavailable
from application.programs_on_hand import ProgramsOnHand
from domain.class_rep import SpotsExhausted
from domain.cool_down import CoolingDown
from domain.errors import DomainError
from domain.ids import ProgramId, PurchaseId
from domain.program import Program, SalesPaused
from domain.purchase import (
    AlreadyPurchased,
    Buyer,
    ClosedReason,
    Purchase,
    Status,
)
from domain.quote import quote, still_offers

WORK_MAX: Final = timedelta(seconds=8)  # under the lock, below the wait of the next one
ROUNDS_MAX: Final = 4
INSERT_TRIES: Final = 3
TERMS_TRIES: Final = 3
NOT_OPEN: Final = frozenset({Status.CREATING, Status.RESERVED})


class CheckoutUnresolved(ApplicationError):
    """How far it came is not known yet; asking again carries on where it stands."""

    code = "checkout_unresolved"

    def __init__(self, purchase_id: PurchaseId | None) -> None:
        super().__init__("Purchase operation in progress, please wait and try again.")
        self.purchase_id = purchase_id


class CheckoutClosed(ApplicationError):
    """Somebody closed the checkout while it was being opened."""

    code = "checkout_closed"

    def __init__(self, purchase_id: PurchaseId) -> None:
        super().__init__("This checkout was closed meanwhile; please start again.")
        self.purchase_id = purchase_id


class OtherChoiceOpen(ApplicationError):
    """A checkout of the same program with the other choice is open."""

    code = "other_choice_open"

    def __init__(self, purchase_id: PurchaseId) -> None:
        super().__init__("A checkout of this program with another choice is open.")
        self.purchase_id = purchase_id


class PaymentUnderWay(ApplicationError):
    """The buyer paid by a delayed method; the money has yet to arrive."""

    code = "payment_under_way"

    def __init__(self, purchase_id: PurchaseId) -> None:
        super().__init__("Your payment is on its way; there is nothing more to pay.")
        self.purchase_id = purchase_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCheckoutCommand:
    """What the buyer asks for.

    `may_replace`: an open checkout with the other choice may be closed for this one.
    """

    buyer: Buyer
    program_id: ProgramId
    as_class_rep: bool
    may_replace: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutAnswer:
    """A purchase to be paid at its `pay_url`, or one that cost nothing and is complete.

    `existing`: it was begun by an earlier request.
    """

    purchase: Purchase
    existing: bool


@dataclass(slots=True, kw_only=True)
class _Run:
    """One request: what may still be tried, and the purchase it came upon.

    `is_read`: the program was read by this request, and is not from the terms on hand.
    `cooling`: why no spot may be taken, though what is open may be paid.
    """

    command: StartCheckoutCommand
    program: Program
    is_read: bool
    cooling: CoolingDown | None = None
    purchase_id: PurchaseId | None = None
    may_replace: bool = True
    may_renew: bool = True

    @property
    def hindrance(self) -> SalesPaused | CoolingDown | None:
        """Say why nothing new may be begun."""
        return SalesPaused() if self.program.is_paused else self.cooling


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCheckout:
    """Open a checkout, at most one at a time for each buyer and program.

    The purchase is stored before anything outside is asked (docs/adr/0003).  Whatever
    fails after that, the buyer asks again and is led to the same session.  Terms on
    hand save a look at the program; what they offer is verified before anything outside
    is asked, and what they refuse is read again (docs/adr/0028).
    """

    begin: BeginPurchase
    check_cool_down: CheckCoolDown
    clock: Clock
    close: ClosePurchase
    forward: ForwardPurchase
    locks: KeyedLock
    look_up: LookUpSession
    payments: PaymentGateway
    programs: ProgramsOnHand
    purchases: PurchaseRepository

    async def __call__(self, command: StartCheckoutCommand) -> CheckoutAnswer:
        """Return the purchase to pay, the same one for the same choice.

        Raises:
            AlreadyPurchased: the buyer has the program, perhaps paid just now.
            BelowMinimumCharge: nothing was written.
            CheckoutClosed: it was closed by another request at the same time.
            CheckoutUnresolved: stored but not known to be open; ask again.
            CoolingDown: this buyer left too many class-rep checkouts of it unpaid.
            LivemodeMismatch: the open session is of the other mode.
            LockNotReentrant: a bug.
            LockTimeout: the same buyer is already checking out this program.
            OtherChoiceOpen: the other choice is open and may not be replaced.
            PaymentUnderWay: it was paid by a delayed method, not yet settled.
            PaymentRefused: the provider will not sell it; nothing is held.
            ProgramIsFree: there is nothing to pay for.
            ProgramNotFound: it does not exist or was retired.
            SalesPaused: nothing is open, and nothing new may be begun.
            SpotsExhausted: all class-rep spots are held; an open checkout stays open.
            StorageUnavailable: the program could not be read; nothing was stored.
        """
        key = checkout_key(command.buyer.id, command.program_id)
        async with self.locks.hold(key, wait=CHECKOUT_WAIT, operation="checkout"):
            return await self._within_limit(command)

    async def _within_limit(self, command: StartCheckoutCommand) -> CheckoutAnswer:
        """Bound the work under the lock; what was stored stays and is carried on."""
        deadline = asyncio.get_running_loop().time() + WORK_MAX.total_seconds()
        known = self.programs.find(command.program_id)
        run = _Run(
            command=command,
            program=known or await self.programs.read(command.program_id),
            is_read=known is None,
            may_replace=command.may_replace,
        )
        await self._consult(run)
        try:
            async with asyncio.timeout_at(deadline):
                if command.as_class_rep:
                    buyer, program_id = command.buyer.id, command.program_id
                    run.cooling = await self.check_cool_down(buyer, program_id)
                return await self._check_out(run)
        except (PaymentGatewayUnavailable, StorageUnavailable, TimeoutError) as error:
            raise CheckoutUnresolved(run.purchase_id) from error

    async def _consult(self, run: _Run) -> None:
        """Go by terms on hand that ask a price; read again those that do not."""
        if not (run.is_read or self._asks_a_price(run)):
            await self._read(run)
        if not run.program.is_active:
            raise ProgramNotFound(run.program.id)

    def _asks_a_price(self, run: _Run) -> bool:
        if not run.program.is_for_sale:
            return False
        at, as_class_rep = self.clock.now(), run.command.as_class_rep
        try:
            return not quote(run.program, as_class_rep=as_class_rep, at=at).is_free
        except DomainError:
            return False

    async def _read(self, run: _Run) -> None:
        run.program = await self.programs.read(run.program.id)
        run.is_read = True

    async def _check_out(self, run: _Run) -> CheckoutAnswer:
        for _ in range(ROUNDS_MAX):
            await self._consult(run)
            if run.hindrance is not None:
                return await self._join_only(run, run.hindrance)
            answer = await self._try(run)
            if answer is not None:
                return answer
        raise CheckoutUnresolved(run.purchase_id)

    async def _try(self, run: _Run) -> CheckoutAnswer | None:
        """Store a new purchase, or go on with the one that is there; None: again."""
        order = run.command
        purchase = self.begin(run.program, order.buyer, as_class_rep=order.as_class_rep)
        try:
            await self._insert(purchase)
        except OrderNumberTaken:
            return None
        except LivePurchaseExists:
            return await self._join(run, mine=purchase.id)
        return await self._carry_on(run, purchase, existing=False)

    async def _insert(self, purchase: Purchase) -> None:
        """Insert; after an unknown outcome the same document again, never another."""
        for _ in range(INSERT_TRIES - 1):
            try:
                await self.purchases.add(purchase)
            except StorageUnavailable:
                continue
            return
        await self.purchases.add(purchase)

    async def _join_only(self, run: _Run, hindrance: DomainError) -> CheckoutAnswer:
        """Go on with what is open already; nothing new may be begun."""
        answer = await self._join(run)
        if answer is None:
            await self._consult(run)  # as it was read meanwhile
            raise run.hindrance or hindrance
        return answer

    async def _join(
        self, run: _Run, *, mine: PurchaseId | None = None
    ) -> CheckoutAnswer | None:
        """Go on with the live purchase that was there first; None: it is gone.

        After a write of unknown outcome that may be `mine`.
        """
        live = await self.purchases.find_live(
            buyer_id=run.command.buyer.id, program_id=run.program.id
        )
        if live is None:
            return None
        run.purchase_id = live.id
        if live.is_owned:
            raise AlreadyPurchased(live.id)
        if live.status is Status.CLOSING:
            await self._make_way(live, ClosedReason.CANCELLED)
            return None
        if live.is_class_rep is not run.command.as_class_rep:
            await self._check_replaceable(run, live)
            await self._make_way(live, ClosedReason.REPLACED)
            return None
        return await self._carry_on(run, live, existing=live.id != mine)

    async def _check_replaceable(self, run: _Run, live: Purchase) -> None:
        """Keep the open checkout unless the new choice is possible."""
        if live.is_processing:
            raise PaymentUnderWay(live.id)
        await self._check_choice(run)
        if not run.command.may_replace:
            raise OtherChoiceOpen(live.id)
        if not run.may_replace:
            raise CheckoutUnresolved(live.id)
        if run.command.as_class_rep and not run.program.has_a_free_spot:
            raise SpotsExhausted(limit=run.program.terms.class_rep_limit)
        run.may_replace = False

    async def _check_choice(self, run: _Run) -> None:
        """Refuse what is not for sale as it is now: an open checkout depends on it."""
        if not run.is_read:
            await self._read(run)
            await self._consult(run)
        if run.hindrance is not None:
            raise run.hindrance
        as_class_rep = run.command.as_class_rep
        quote(run.program, as_class_rep=as_class_rep, at=self.clock.now())

    async def _make_way(self, live: Purchase, reason: ClosedReason) -> None:
        """Close the live purchase, so that the next insert succeeds."""
        ended = await self.close(live, reason=reason, by=BY_BUYER)
        if ended.is_owned:
            raise AlreadyPurchased(ended.id)
        if not ended.is_terminal:
            raise _why_not_ended(ended)

    async def _carry_on(
        self, run: _Run, purchase: Purchase, *, existing: bool
    ) -> CheckoutAnswer | None:
        """Forward the purchase and answer by what it then is; None: begin anew."""
        run.purchase_id = purchase.id
        try:
            latest = await self._forward(run, purchase, existing=existing)
        except PaymentRefused as refusal:
            if refusal.is_too_late and run.may_renew:
                run.may_renew = False
                return None
            raise
        if latest is None:
            return None
        if self._seems_over(latest):
            latest = await self.look_up(latest, by=BY_BUYER)
        return self._answer(run, latest, existing=existing)

    async def _forward(
        self, run: _Run, purchase: Purchase, *, existing: bool
    ) -> Purchase | None:
        """Carry a purchase on at its own price; None: it made way for another one.

        What is open stays open.  No page is opened of what is not for sale, nor our own
        at another price than the one of now; what others began keeps its price.
        """
        if purchase.status not in NOT_OPEN:
            return purchase
        if not run.is_read and (existing or not purchase.is_class_rep):
            await self._read(run)
        for _ in range(TERMS_TRIES):
            program = run.program
            is_offered = still_offers(program, purchase.quote)
            if not (program.is_for_sale if existing else is_offered):
                await self._renew(run, purchase)
                return None
            try:
                return await self.forward(
                    purchase,
                    limit=program.terms.class_rep_limit,
                    revision=program.revision,
                    by=BY_BUYER,
                )
            except TermsChanged:
                await self._read(run)
        raise StorageUnavailable

    async def _renew(self, run: _Run, purchase: Purchase) -> None:
        """End what was begun and is no longer offered, once a request."""
        await self._make_way(purchase, ClosedReason.REPLACED)
        if not run.may_renew:
            raise CheckoutUnresolved(purchase.id)
        run.may_renew = False

    def _seems_over(self, purchase: Purchase) -> bool:
        """Say whether to ask the provider; the clock triggers, it never decides.

        A page may also be over that was saved just now: the key repeats an old answer.
        """
        page = purchase.session if purchase.status is Status.PENDING else None
        return page is not None and page.expires_at <= self.payments.now()

    def _answer(
        self, run: _Run, purchase: Purchase, *, existing: bool
    ) -> CheckoutAnswer | None:
        if purchase.pay_url is not None or (purchase.is_free and purchase.is_owned):
            return CheckoutAnswer(purchase=purchase, existing=existing)
        if purchase.is_owned:
            raise AlreadyPurchased(purchase.id)
        if not purchase.is_terminal:
            raise _why_not_ended(purchase)
        if not existing or not run.may_renew:
            raise CheckoutClosed(purchase.id)
        run.may_renew = False
        return None


def _why_not_ended(purchase: Purchase) -> PaymentUnderWay | CheckoutUnresolved:
    """Tell a bank that takes its days from a provider that did not answer."""
    if purchase.is_processing:
        return PaymentUnderWay(purchase.id)
    return CheckoutUnresolved(purchase.id)
