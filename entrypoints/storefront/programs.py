"""What is for sale, and the buttons that buy it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from entrypoints.storefront.answers import CheckoutAnswer, ProgramAnswer
from entrypoints.storefront.people import now
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


class ProgramPages(Controller):
    @get("/")
    async def overview(self, visitor: NamedDependency[Visitor]) -> Template:
        programs = await visitor.api.programs()
        offers = [Offer(program=program, at=now()) for program in programs]
        return visitor.sees("programs.html", offers=offers)

    @get("/programs/{program_id:str}")
    async def one(
        self, visitor: NamedDependency[Visitor], program_id: FromPath[str]
    ) -> Template:
        program = await visitor.api.program(program_id)
        access = await visitor.api.access(program_id) if visitor.person else None
        offer = Offer(program=program, at=now())
        return visitor.sees("program.html", offer=offer, access=access)

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


def to_payment(answer: CheckoutAnswer) -> Redirect:
    """Send the buyer to pay; a place that costs nothing is theirs already."""
    if answer.session_url is None:
        return see("/purchase/success", purchase_id=answer.purchase_id)
    return see(answer.session_url)
