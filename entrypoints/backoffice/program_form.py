"""The terms of a program as they are typed, and as the API is asked for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final, NoReturn, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from entrypoints.backoffice.answers.programs import AdminProgram
from entrypoints.backoffice.formats import NotAnAmount, amount_of, typed_amount
from entrypoints.backoffice.forms import ReasonForm
from entrypoints.storefront.service_api import ServiceRefused

LOCAL: Final = "%Y-%m-%dT%H:%M"
PREVIEW: Final = "preview"
YES: Final = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramForm(ReasonForm):
    """Every field as it was typed, so that a refusal loses nothing.

    Amounts are in units of the currency; the deadline is on the program's own clock.
    """

    id: str = ""
    title: str = ""
    program_type: str = "Program"
    currency: str = "usd"
    full_price: str = ""
    class_rep_discount: str = "0"
    class_rep_limit: str = "0"
    early_bird_discount: str = "0"
    early_bird_deadline: str = ""
    time_zone: str = "UTC"
    drain: str = ""
    revision: str = ""
    step: str = ""

    @classmethod
    def of(cls, program: AdminProgram) -> Self:
        """Fill it with what is."""
        code = program.currency
        return cls(
            id=program.id,
            title=program.title,
            program_type=program.program_type,
            currency=code,
            full_price=typed_amount(program.full_price, code),
            class_rep_discount=typed_amount(program.class_rep_discount, code),
            class_rep_limit=str(program.class_rep_limit),
            early_bird_discount=typed_amount(program.early_bird_discount, code),
            early_bird_deadline=_typed_moment(
                program.early_bird_deadline, program.time_zone
            ),
            time_zone=program.time_zone,
            revision=str(program.revision),
        )

    @property
    def is_preview(self) -> bool:
        return self.step == PREVIEW

    @property
    def stripped(self) -> Self:
        """Return it without spaces around what was typed."""
        return replace(
            self, **{f.name: getattr(self, f.name).strip() for f in fields(self)}
        )

    def terms(self) -> dict[str, object]:
        """Return what a price depends on, as the API is asked for it.

        Raises:
            ServiceRefused: a field cannot be read; worded like the service's refusals.
        """
        return {"currency": self.currency.lower()} | {
            name: read(self)
            for name, read in READ.items()
            if name not in ("title", "programType")
        }

    def all(self) -> dict[str, object]:
        """Return a whole new program, as the API is asked for it."""
        return self.terms() | {
            "id": self.id,
            "title": self.title,
            "programType": self.program_type,
        }

    def changes(self, program: AdminProgram) -> dict[str, object]:
        """Return what differs from what is.

        A deadline is typed on the program's clock: on another clock the same words
        are another moment.
        """
        before = ProgramForm.of(program)
        changed = {
            name: read(self)
            for name, read in READ.items()
            if getattr(self, FIELD_OF[name]) != getattr(before, FIELD_OF[name])
        }
        if "timeZone" in changed and self.early_bird_deadline:
            changed["earlyBirdDeadline"] = _moment(self)
        return changed


def _amount(name: str) -> Callable[[ProgramForm], int]:
    def read(form: ProgramForm) -> int:
        typed = getattr(form, FIELD_OF[name]) or "0"
        try:
            return amount_of(typed, form.currency.lower())
        except NotAnAmount:
            _refuse(name, f"“{typed}” is no amount in {form.currency.upper()}.")

    return read


def _limit(form: ProgramForm) -> int:
    typed = form.class_rep_limit or "0"
    if not (typed.isascii() and typed.isdecimal()):
        _refuse("classRepLimit", f"“{typed}” is no number of spots.")
    return int(typed)


def _moment(form: ProgramForm) -> str | None:
    """Read the deadline on the program's own clock."""
    typed = form.early_bird_deadline
    if not typed:
        return None
    try:
        zone = ZoneInfo(form.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _refuse("timeZone", f"“{form.time_zone}” is no time zone.")
    try:
        there = datetime.fromisoformat(typed).replace(tzinfo=zone)
    except ValueError:
        _refuse("earlyBirdDeadline", f"“{typed}” is no date and time.")
    if _is_skipped(there):
        _refuse("earlyBirdDeadline", "The clocks there skip that time on that day.")
    return there.isoformat()


def _is_skipped(there: datetime) -> bool:
    """Say whether summer time leaves it out: back from UTC it is another time."""
    back = there.astimezone(ZoneInfo("UTC")).astimezone(there.tzinfo)
    return back.replace(tzinfo=None) != there.replace(tzinfo=None)


def _typed_moment(at: datetime | None, time_zone: str) -> str:
    return "" if at is None else at.astimezone(ZoneInfo(time_zone)).strftime(LOCAL)


def _refuse(field: str, why: str) -> NoReturn:
    raise ServiceRefused(HTTPStatus.BAD_REQUEST, why, code="not_readable", field=field)


# The fields that may change, by the API's names.
FIELD_OF: Final[Mapping[str, str]] = {
    "title": "title",
    "programType": "program_type",
    "fullPrice": "full_price",
    "classRepDiscount": "class_rep_discount",
    "classRepLimit": "class_rep_limit",
    "earlyBirdDiscount": "early_bird_discount",
    "earlyBirdDeadline": "early_bird_deadline",
    "timeZone": "time_zone",
}
READ: Final[Mapping[str, Callable[[ProgramForm], object]]] = {
    "title": lambda form: form.title,
    "programType": lambda form: form.program_type,
    "fullPrice": _amount("fullPrice"),
    "classRepDiscount": _amount("classRepDiscount"),
    "classRepLimit": _limit,
    "earlyBirdDiscount": _amount("earlyBirdDiscount"),
    "earlyBirdDeadline": _moment,
    "timeZone": lambda form: form.time_zone,
}
