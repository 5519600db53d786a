"""What is for sale, and the buttons that buy it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from entrypoints.storefront.answers import (
    CheckoutAnswer,
    ProgramAnswer,
    PurchaseAnswer,
)
from entrypoints.storefront.leaves import Leaf, PageNumber
from entrypoints.storefront.people import now
from entrypoints.storefront.service_api import PAGE_SIZE
from entrypoints.storefront.visitors import Visitor, see

CLASS_REP: Final = "class-rep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a place would cost now.  The service decides when the button is pressed."""

    full: int
    class_rep_discount: int
    early_bird_discount: int

    @property
    def total(self) -> int:
        return max(0, self.full - self.class_rep_discount - self.early_bird_discount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A program as a page shows it, at one moment."""

    program: ProgramAnswer
    at: datetime

    @property
    def is_early(self) -> bool:
        deadline = self.program.early_bird_deadline
        return deadline is not None and self.at < deadline

    @property
    def has_a_class_rep_place(self) -> bool:
        return not self.program.is_free and self.program.spots_left != 0

    @property
    def regular(self) -> Price:
        return self._price(as_class_rep=False)

    @property
    def class_rep(self) -> Price:
        return self._price(as_class_rep=True)

    def _price(self, *, as_class_rep: bool) -> Price:
        program = self.program
        return Price(
            full=program.full_price,
            class_rep_discount=program.class_rep_discount if as_class_rep else 0,
            early_bird_discount=program.early_bird_discount if self.is_early else 0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyForm:
    choice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What somebody who is signed in has to do with a program already."""

    has_a_place: bool = False
    checkout: PurchaseAnswer | None = None

    @property
    def is_settling(self) -> bool:
        """Say whether the payment provider has the word, so that nothing can change.

        A checkout without a deadline was interrupted before its page opened.
        """
        open_one = self.checkout
        if open_one is None:
            return False
        return open_one.session_url is None and open_one.expires_at is not None

    def is_open_as(self, choice: str) -> bool:
        open_one = self.checkout
        if open_one is None:
            return False
        return open_one.quote.is_class_rep is (choice == CLASS_REP)


class ProgramPages(Controller):
    @get("/")
    async def overview(
        self, visitor: NamedDependency[Visitor], page: PageNumber = 1
    ) -> Template:
        programs = await visitor.api.programs(page)
        return visitor.sees(
            "programs.html",
            offers=[Offer(program=each, at=now()) for each in programs.items],
            leaf=Leaf(page=page, size=PAGE_SIZE, total=programs.total),
        )

    @get("/programs/{program_id:str}")
    async def one(
        self, visitor: NamedDependency[Visitor], program_id: FromPath[str]
    ) -> Template:
        program = await visitor.api.program(program_id)
        offer = Offer(program=program, at=now())
        own = await _own(visitor, program_id) if visitor.person else Own()
        return visitor.sees("program.html", offer=offer, own=own)

    @post("/programs/{program_id:str}/buy")
    async def buy(
        self,
        visitor: NamedDependency[Visitor],
        program_id: FromPath[str],
        data: URLEncodedBody[BuyForm],
    ) -> Redirect:
        answer = await visitor.api.start_checkout(
            program_id, as_class_rep=data.choice == CLASS_REP
        )
        return to_payment(answer)


async def _own(visitor: Visitor, program_id: str) -> Own:
    access = await visitor.api.access(program_id)
    if access.reason == "purchased":
        return Own(has_a_place=True)
    return Own(checkout=await visitor.api.open_for(program_id))


def to_payment(answer: CheckoutAnswer) -> Redirect:
    """Send the buyer to pay; a place that costs nothing is theirs already."""
    if answer.session_url is None:
        return see("/purchase/success", purchase_id=answer.purchase_id)
    return see(answer.session_url)
