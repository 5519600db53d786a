"""Terms of sale as they come in a request."""

from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

from application.terms import as_asked
from domain.class_rep import HOLDERS_MAX
from domain.ids import ProgramId
from domain.money import AMOUNT_MAX, Money
from domain.program import TITLE_MAX, TYPE_MAX, InvalidTerms, Program, TermsOfSale
from domain.program_changes import ProgramChanges
from entrypoints.http.paths import WHOLE_ID_PATTERN

REASON_MAX: Final = 200
REVISION_MAX: Final = 2**31
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2999

Amount = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)]
Limit = Annotated[int, msgspec.Meta(ge=0, le=HOLDERS_MAX)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=TITLE_MAX)]
TypeName = Annotated[str, msgspec.Meta(min_length=1, max_length=TYPE_MAX)]
ZoneName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
CurrencyCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{3}$")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Revision = Annotated[int, msgspec.Meta(ge=1, le=REVISION_MAX)]
Reason = Annotated[
    str, msgspec.Meta(min_length=1, max_length=REASON_MAX, pattern=r"^[^\x00-\x1f]*$")
]


def kept(moment: datetime, *, field: str) -> datetime:
    """Return a moment as moments are kept: in UTC, to the millisecond.

    Raises:
        InvalidTerms: nobody lives to see it; near the ends of the calendar there is no
            such moment in UTC.
    """
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise InvalidTerms(field, f"is between the years {FIRST_YEAR} and {LAST_YEAR}")
    whole = moment.microsecond // 1000 * 1000
    return moment.astimezone(UTC).replace(microsecond=whole)


class Asked(
    msgspec.Struct,
    rename="camel",
    forbid_unknown_fields=True,
    frozen=True,
    kw_only=True,
):
    """The ancestor of what is asked: JSON in camelCase, and nothing that is unknown."""


class TermsRequest(Asked, frozen=True, kw_only=True):
    """Amounts are in minor units of `currency`; a price of 0 makes it free."""

    full_price: Amount
    currency: CurrencyCode
    class_rep_discount: Amount = 0
    early_bird_discount: Amount = 0
    early_bird_deadline: Moment | None = None
    class_rep_limit: Limit = 0
    time_zone: ZoneName = "UTC"

    def as_program(self, *, id_: str, title: str, program_type: str) -> Program:
        """Build the program that is asked for.

        Raises:
            TermsRefused: the terms contradict themselves.
        """
        deadline = self.early_bird_deadline
        with as_asked():
            return Program(
                id=ProgramId(id_),
                title=title,
                program_type=program_type,
                time_zone=self.time_zone,
                terms=TermsOfSale(
                    full_price=Money.of(self.full_price, self.currency),
                    class_rep_discount=Money.of(self.class_rep_discount, self.currency),
                    early_bird_discount=Money.of(
                        self.early_bird_discount, self.currency
                    ),
                    early_bird_deadline=deadline
                    and kept(deadline, field="earlyBirdDeadline"),
                    is_free=self.full_price == 0,
                    class_rep_limit=self.class_rep_limit,
                ),
            )


class PreviewRequest(TermsRequest, frozen=True, kw_only=True):
    """Terms that need not be those of any program; `at` is now unless it is given."""

    at: Moment | None = None

    @property
    def moment(self) -> datetime | None:
        """Return the moment that is asked about.

        Raises:
            TermsRefused: it is beyond the calendar.
        """
        with as_asked():
            return self.at and kept(self.at, field="at")

    @property
    def draft(self) -> Program:
        return self.as_program(id_="preview", title="Preview", program_type="Preview")


class CreateProgramRequest(TermsRequest, frozen=True, kw_only=True):
    id: Annotated[str, msgspec.Meta(pattern=WHOLE_ID_PATTERN)]
    title: Title
    program_type: TypeName = "Program"
    reason: Reason = "a new program"

    @property
    def program(self) -> Program:
        return self.as_program(
            id_=self.id, title=self.title, program_type=self.program_type
        )


class ChangeProgramRequest(Asked, frozen=True, kw_only=True):
    """What is absent stays.  The currency is fixed: retire the program, make another.

    `drain` accepts a limit below the spots taken.  `revision` is the one that the admin
    looked at; another one by now is refused.
    """

    reason: Reason
    drain: bool = False
    revision: Revision | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    program_type: TypeName | UnsetType = UNSET
    time_zone: ZoneName | UnsetType = UNSET
    full_price: Amount | UnsetType = UNSET
    class_rep_discount: Amount | UnsetType = UNSET
    early_bird_discount: Amount | UnsetType = UNSET
    early_bird_deadline: Moment | UnsetType | None = UNSET
    class_rep_limit: Limit | UnsetType = UNSET

    @property
    def changes(self) -> ProgramChanges:
        """Return what is to be different.

        Raises:
            TermsRefused: the deadline is beyond the calendar.
        """
        asked = {
            name: value
            for name in CHANGEABLE
            if (value := getattr(self, name)) is not UNSET
        }
        deadline = asked.pop("early_bird_deadline", UNSET)
        if isinstance(deadline, datetime):
            with as_asked():
                asked["early_bird_deadline"] = kept(deadline, field="earlyBirdDeadline")
        return ProgramChanges(ends_early_bird=deadline is None, **asked)


CHANGEABLE: Final = (
    "title",
    "program_type",
    "time_zone",
    "full_price",
    "class_rep_discount",
    "early_bird_discount",
    "early_bird_deadline",
    "class_rep_limit",
)


class ProgramActRequest(Asked, frozen=True, kw_only=True):
    """`reason` is for other admins, and kept for good."""

    reason: Reason
