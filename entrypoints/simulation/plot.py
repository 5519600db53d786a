"""What a story begins with, drawn from its seed."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from domain.class_rep import UNLIMITED
from domain.cool_down import CoolDown
from domain.ids import BuyerId, ProgramId
from domain.money import Money
from domain.program import Program, TermsOfSale
from domain.purchase import Buyer
from domain.unsettled_money import Promise
from entrypoints.simulation.outside.clock import NOON

CHOIR: Final = ProgramId("choir")
COOL_DOWN: Final = CoolDown(after=3, within=timedelta(hours=1))
HOLD: Final = timedelta(minutes=35)
PROMISE: Final = Promise(ours=timedelta(hours=1))
REFUND_WINDOW: Final = timedelta(days=30)
CHANGED_MIDWAY: Final = 0.3
RUSHED: Final = 0.5  # everybody comes at once, and for a class-rep spot
NAMES: Final = ("ada", "grace", "joan", "mary")
BUYERS: Final = tuple(
    Buyer(id=BuyerId(name), email=f"{name}@example.org", name=name.title())
    for name in NAMES
)


def usd(amount: int) -> Money:
    return Money.of(amount, "usd")


def drawn_program(random: Random) -> Program:
    """Draw a program with few spots, so that buyers get in each other's way."""
    price = 10_000
    rep_discount = random.choice((3_000, 3_000, 3_000, price))
    return Program(
        id=CHOIR,
        title="Choir",
        program_type="course",
        time_zone="Europe/London",
        terms=TermsOfSale(
            full_price=usd(price),
            class_rep_discount=usd(rep_discount),
            early_bird_discount=usd(2_000),
            early_bird_deadline=NOON + timedelta(minutes=random.choice((10, 10_000))),
            class_rep_limit=random.choice((1, 1, 2, 2, 3, UNLIMITED)),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Who takes part, what is for sale, and how wrong each instance's clock is."""

    buyers: tuple[Buyer, ...]
    program: Program
    clock_errors: tuple[timedelta, ...]
    is_changed_midway: bool
    is_rush: bool

    @classmethod
    def drawn(cls, random: Random, *, wrong_clock: float) -> "Plot":
        error = timedelta()
        if random.random() < wrong_clock:
            error = random.choice((timedelta(hours=48), timedelta(hours=-48)))
        apart = timedelta(seconds=random.choice((0, 0, 1, 20)))
        return cls(
            buyers=BUYERS[: random.randint(2, len(BUYERS))],
            program=drawn_program(random),
            clock_errors=(error, error + apart),
            is_changed_midway=random.random() < CHANGED_MIDWAY,
            is_rush=random.random() < RUSHED,
        )
