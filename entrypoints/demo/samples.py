"""The programs that a demo begins with."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from application.create_program import CreateProgram
from application.ports.programs import ProgramExists
from domain.class_rep import UNLIMITED
from domain.ids import ProgramId
from domain.money import Money
from domain.program import Program, TermsOfSale

EARLY_BIRD_LASTS: Final = timedelta(days=30)
CLOSING_HOUR: Final = 17
PACIFIC: Final = "America/Los_Angeles"


def sample_programs(at: datetime) -> tuple[Program, ...]:
    """Return one program for each way in which a price can turn out."""
    return (_mentor_circles(at), _workshops(), _incubator(at), _webinar())


async def seed(create_program: CreateProgram, *, at: datetime) -> None:
    """Put the samples up for sale; what is there already stays as it is.

    Raises:
        StorageUnavailable: some may be there.
    """
    for program in sample_programs(at):
        try:
            await create_program(program)
        except ProgramExists:
            continue


def _mentor_circles(at: datetime) -> Program:
    """Both discounts, few spots."""
    return Program(
        id=ProgramId("emba-mentor-circles"),
        title="EMBA Mentor Circles: Leading with Purpose",
        program_type="EMBA Mentor Circles",
        time_zone=PACIFIC,
        terms=TermsOfSale(
            full_price=_usd(29900),
            class_rep_discount=_usd(10000),
            early_bird_discount=_usd(4000),
            early_bird_deadline=_deadline(at, PACIFIC),
            class_rep_limit=10,
        ),
    )


def _workshops() -> Program:
    """As many class reps as like to."""
    return Program(
        id=ProgramId("effective-communication"),
        title="Effective Communication: Speaking so that People Listen",
        program_type="Effective Communication Workshops",
        time_zone="America/New_York",
        terms=TermsOfSale(
            full_price=_usd(14900),
            class_rep_discount=_usd(5000),
            early_bird_discount=_usd(0),
            class_rep_limit=UNLIMITED,
        ),
    )


def _incubator(at: datetime) -> Program:
    """Nothing to pay for an early class rep."""
    return Program(
        id=ProgramId("marketplace-incubator"),
        title="Marketplace Incubator: First Steps",
        program_type="Marketplace Church Incubator Program (MCIP)",
        time_zone=PACIFIC,
        terms=TermsOfSale(
            full_price=_usd(6000),
            class_rep_discount=_usd(4000),
            early_bird_discount=_usd(2000),
            early_bird_deadline=_deadline(at, PACIFIC),
            class_rep_limit=5,
        ),
    )


def _webinar() -> Program:
    """Free for all."""
    return Program(
        id=ProgramId("nextgen-open-webinar"),
        title="NextGen Open Webinar",
        program_type="Webinar",
        time_zone="UTC",
        terms=TermsOfSale(
            full_price=_usd(0),
            class_rep_discount=_usd(0),
            early_bird_discount=_usd(0),
            is_free=True,
        ),
    )


def _deadline(at: datetime, time_zone: str) -> datetime:
    """Return the end of an office day, about a month from now."""
    day = (at + EARLY_BIRD_LASTS).astimezone(ZoneInfo(time_zone))
    return day.replace(hour=CLOSING_HOUR, minute=0, second=0, microsecond=0)


def _usd(cents: int) -> Money:
    return Money.of(cents, "usd")
