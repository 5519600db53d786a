"""The dashboard, the banks and an admin: whoever moves money beside the buyers."""

from collections.abc import Callable
from random import Random
from typing import Final, TypeVar

from application.ports.refunds import RefundRefused
from application.request_refund import RequestRefundCommand
from domain.disputes import DisputeReport, DisputeState
from domain.purchase import Purchase, Status
from domain.refunding import RefundReport, RefundStatus
from domain.refunds import RefundState
from entrypoints.simulation.outside.refunds import INQUIRIES
from entrypoints.simulation.world import World

T = TypeVar("T")

PATIENCE_SECONDS: Final = (1.0, 20.0, 120.0, 600.0)
ADMIN: Final = 0.25
DOWN_SECONDS: Final = (600.0, 3000.0, 6000.0)
LOOKS_MAX: Final = 5  # for something to do
TAKEN_BACK_MAX: Final = 3  # in one story
PARTS: Final = (0.1, 0.25, 0.5, 0.75)
UNDER_WAY: Final = frozenset({RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION})
OPENS: Final = (
    DisputeState.NEEDS_RESPONSE,
    DisputeState.NEEDS_RESPONSE,
    DisputeState.WARNING_NEEDS_RESPONSE,
)
# What a bank may say next; an inquiry becomes a dispute, or comes to nothing.
NEXT_WORD: Final = {
    DisputeState.WARNING_NEEDS_RESPONSE: (
        DisputeState.WARNING_UNDER_REVIEW,
        DisputeState.WARNING_CLOSED,
        DisputeState.NEEDS_RESPONSE,
    ),
    DisputeState.WARNING_UNDER_REVIEW: (
        DisputeState.WARNING_CLOSED,
        DisputeState.NEEDS_RESPONSE,
    ),
    DisputeState.NEEDS_RESPONSE: (
        DisputeState.UNDER_REVIEW,
        DisputeState.LOST,
        DisputeState.PREVENTED,
    ),
    DisputeState.UNDER_REVIEW: (DisputeState.WON, DisputeState.LOST),
}


class Outsiders:
    """Everybody who gives money back, or takes it, without asking the buyer."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random: Random = world.random
        self._taken_back = 0
        self._is_over = False
        self.busy = 0

    def come(self) -> None:
        """Let those act whom this story has."""
        odds, spawn = self._world.director.odds, self._world.spawn
        spawn(self._look_after_refunds())
        if self._chance(ADMIN):
            spawn(self._act_as_admin())
        if self._chance(odds.dashboard):
            spawn(self._use_the_dashboard())
        if self._chance(odds.refunds_down):
            spawn(self._let_refunds_rest())
        if self._chance(odds.dispute):
            spawn(self._dispute())

    def decide_all(self) -> None:
        """End whatever banks have not decided, as every bank does some day."""
        self._is_over = True
        self._world.refunds.is_down = False
        for refund in self._refunds():
            if refund.status in UNDER_WAY:
                self._decide(refund)
        for report in list(self._world.refunds.disputes.values()):
            self._end(report)

    # --- An admin and the dashboard ---------------------------------------------

    async def _act_as_admin(self) -> None:
        """Give something back of what somebody bought, and perhaps the rest later."""
        self.busy += 1
        for _ in range(self._random.randint(1, 2)):
            row = await self._found(self._bought)
            if row is not None:
                part = self._part(row.quote.total.amount)
                self._note("admin refund" if part is None else "admin part")
                await self._ask_back(row, part)
        self.busy -= 1

    def _bought(self) -> list[Purchase]:
        rows = self._world.store.rows.values()
        return [r for r in rows if r.status is Status.COMPLETED and not r.is_free]

    async def _ask_back(self, row: Purchase, amount: int | None) -> None:
        command = RequestRefundCommand(
            purchase_id=row.id, buyer_id=None, amount=amount, by="admin"
        )
        await self._world.ask(lambda service: service.request_refund()(command))

    async def _use_the_dashboard(self) -> None:
        """Refund a payment there, whether or not anybody of us has heard of it."""
        self.busy += 1
        for _ in range(self._random.randint(1, 2)):
            intent = await self._found(self._payments)
            if intent is not None:
                self._refund_outside(intent)
        self.busy -= 1

    def _refund_outside(self, intent: str) -> None:
        refunds = self._world.refunds
        part = self._part(self._left(intent))
        try:
            refunds.refund_outside(intent, part)
        except RefundRefused:
            return
        self._note("dashboard refund" if part is None else "dashboard part")

    def _payments(self) -> list[str]:
        """Name the payments of which something is left."""
        sessions = self._world.payments.sessions.values()
        paid = [s.payment_intent for s in sessions if s.is_paid and s.payment_intent]
        return [intent for intent in paid if self._left(intent) > 0]

    def _waited_for(self) -> list[str]:
        rows = self._world.store.rows.values()
        waiting = {
            row.paid.payment_intent
            for row in rows
            if row.paid and any(r.state is RefundState.DUE for r in row.refunds)
        }
        return [intent for intent in self._payments() if intent in waiting]

    def _left(self, intent: str) -> int:
        refunds = self._world.refunds
        return refunds.session_of(intent).amount_total - refunds.given_back(intent)

    # --- Banks ------------------------------------------------------------------

    async def _look_after_refunds(self) -> None:
        """Take one's time with refunds, and sometimes not be able to make them."""
        while not self._is_over:
            await self._wait()
            for refund in self._refunds():
                if refund.status in UNDER_WAY:
                    self._decide(refund)
                elif refund.status is RefundStatus.SUCCEEDED:
                    self._take_back(refund)

    def _refunds(self) -> list[RefundReport]:
        return list(self._world.refunds.refunds.values())

    def _decide(self, refund: RefundReport) -> None:
        refunds = self._world.refunds
        if self._chance(0.75):
            self._note("refund arrived")
            refunds.settle(refund.id, RefundStatus.SUCCEEDED)
        elif refund.status is RefundStatus.REQUIRES_ACTION:
            self._note("refund canceled")
            refunds.settle(refund.id, RefundStatus.CANCELED)
        else:
            self._note("refund failed")
            refunds.settle(refund.id, RefundStatus.FAILED)

    def _take_back(self, refund: RefundReport) -> None:
        """Find out that a refund which succeeded did not."""
        is_to_fail = self._chance(self._world.director.odds.failed_refund)
        if is_to_fail and self._taken_back < TAKEN_BACK_MAX:
            self._taken_back += 1
            self._note("refund failed after success")
            self._world.refunds.settle(refund.id, RefundStatus.FAILED)

    async def _let_refunds_rest(self) -> None:
        """Make no refunds for a while, so that what is due stays due."""
        await self._wait()
        if not self._is_over:
            self._world.refunds.is_down = True
            self._note("refunds down")
        await self._world.pause(self._random.choice(DOWN_SECONDS))
        self._world.refunds.is_down = False

    async def _dispute(self) -> None:
        """Take a payment into question, and come to a decision some day."""
        self.busy += 1
        intent = await self._payment_to_dispute()
        if intent is not None:
            left = self._left(intent)
            state = self._random.choice(OPENS)
            report = self._world.refunds.dispute(
                intent, self._part(left) or left, state=state
            )
            self._note("inquiry" if state in INQUIRIES else "dispute")
            while report.dispute.state in NEXT_WORD and not self._is_over:
                await self._wait()
                report = self._next_word(report)
        self.busy -= 1

    async def _payment_to_dispute(self) -> str | None:
        """Find any; sooner one whose buyer waits for a refund, and goes to the bank."""
        if self._chance(0.5):
            waited_for = await self._found(self._waited_for)
            if waited_for is not None:
                return waited_for
        return await self._found(self._payments)

    def _end(self, report: DisputeReport) -> None:
        while report.dispute.state in NEXT_WORD:
            report = self._next_word(report)

    def _next_word(self, report: DisputeReport) -> DisputeReport:
        """Let the bank go on; it takes nothing that has been given back meanwhile."""
        dispute = report.dispute
        state = self._random.choice(NEXT_WORD[dispute.state])
        is_more = dispute.state in INQUIRIES and state not in INQUIRIES
        if is_more and dispute.amount.amount > self._left(report.payment_intent):
            state = DisputeState.WARNING_CLOSED
        paid = self._world.refunds.session_of(report.payment_intent).amount_total
        is_part = state is DisputeState.LOST and dispute.amount.amount < paid
        self._note(f"dispute {state}{' in part' if is_part else ''}")
        return self._world.refunds.move_dispute(dispute.id, state)

    # --- Luck -------------------------------------------------------------------

    async def _found(self, things: Callable[[], list[T]]) -> T | None:
        """Look a few times for something to do something about."""
        for _ in range(LOOKS_MAX):
            await self._wait()
            if found := things():
                return self._random.choice(found)
        return None

    def _part(self, whole: int) -> int | None:
        """Draw a part of an amount, or None for all of it."""
        share = self._random.choice((None, None, *PARTS))
        return None if share is None else max(1, int(whole * share))

    def _note(self, what: str) -> None:
        self._world.director.note(what)

    async def _wait(self) -> None:
        await self._world.pause(self._random.choice(PATIENCE_SECONDS))

    def _chance(self, chance: float) -> bool:
        return self._random.random() < chance
