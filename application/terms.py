"""Terms of sale as somebody asks for them, before they are a program."""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import available_timezones

from application.errors import ApplicationError
from domain.money import ImpossibleAmount, UnknownCurrency
from domain.program import InvalidTerms


class TermsRefused(ApplicationError):
    """The terms that were asked for contradict themselves; `field` says where.

    The same in a stored program is a bug of ours, and stays an `InvalidTerms`.
    """

    code = "invalid_terms"

    def __init__(self, why: str, *, field: str | None) -> None:
        super().__init__(why)
        self.field = field


@contextmanager
def as_asked() -> Iterator[None]:
    """Tell whoever asked what is wrong with the terms that are built in the block.

    Raises:
        TermsRefused: the domain refused them.
    """
    try:
        yield
    except InvalidTerms as error:
        raise TermsRefused(str(error), field=error.field) from error
    except UnknownCurrency as error:
        raise TermsRefused(str(error), field="currency") from error
    except ImpossibleAmount as error:
        raise TermsRefused(str(error), field=None) from error


def check_time_zone(name: str) -> None:
    """Accept a name in the list of time zones.

    Raises:
        InvalidTerms: it is in no list.
    """
    if name not in available_timezones():
        raise InvalidTerms("timeZone", f"{name!r} is no time zone")
