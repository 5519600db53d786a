"""What an instance does about another that does not share its lock."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from application.ports.instances import Instance
from application.stay_alone import Company

EXIT_CODE: Final = 3
NEXT_STEP: Final = (
    "End the other one, or set LOCK_BACKEND=redis for all of them; more than one is"
    " safe either way, and buyers who click twice meet fewer errors."
)

log = structlog.get_logger(__name__)


class NotAlone(Exception):
    """Another instance was here first and stays; SINGLE_INSTANCE_ENFORCE is set."""

    def __init__(self, names: str) -> None:
        super().__init__(
            f"{names} runs on this database too, with a lock of its own, and"
            f" SINGLE_INSTANCE_ENFORCE allows one.  {NEXT_STEP}"
        )


@dataclass(slots=True, kw_only=True)
class KeepCompany:
    """Beats, looks who beats beside it, and says so once for each change.

    Args:
        beat: says that this instance is alive.
        look: returns who else is.
        leave: ends this process in good order; None where nobody insists.
    """

    beat: Callable[[], Awaitable[None]]
    look: Callable[[], Awaitable[Company]]
    leave: Callable[[NotAlone], None] | None
    _told: tuple[str, bool] = ("", False)

    async def __call__(self) -> None:
        await self.beat()
        company = await self.look()
        if not company.others:
            return
        names = ", ".join(_described(each) for each in company.others)
        if self.leave and company.is_overdue and company.has_elder:
            log.error("not alone, so this one leaves", others=names)
            self.leave(NotAlone(names))
        elif self._told != (names, company.is_overdue):
            self._told = (names, company.is_overdue)
            self._tell(names, is_overdue=company.is_overdue)

    def _tell(self, names: str, *, is_overdue: bool) -> None:
        if is_overdue:
            log.warning("several locks", others=names, next_step=NEXT_STEP)
        else:
            log.info("another instance runs, as in a deploy", others=names)


def _described(instance: Instance) -> str:
    return f"{instance.name} (LOCK_BACKEND={instance.lock})"
