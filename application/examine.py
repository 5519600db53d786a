"""Look at all that the service rests on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from application.errors import ApplicationError
from domain.checkups import Checkup

CHECK_MAX: Final = timedelta(seconds=20)  # for one; a doctor who hangs tells nothing


class Check(Protocol):
    """Looks at one thing and changes nothing that anybody rests on."""

    @property
    def name(self) -> str:
        """Name what is looked at, for people."""
        ...

    async def __call__(self) -> Checkup:
        """Look.

        Raises:
            ApplicationError: what would tell did not answer; nothing is known.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Examine:
    """Look at all at once; a check that stumbles is unseen, and hides no other."""

    checks: Sequence[Check]
    check_max: timedelta = CHECK_MAX

    async def __call__(self) -> Sequence[Checkup]:
        return await asyncio.gather(*map(self._look, self.checks))

    async def _look(self, check: Check) -> Checkup:
        try:
            async with asyncio.timeout(self.check_max.total_seconds()):
                return await check()
        except ApplicationError as error:
            return Checkup.unseen(check.name, str(error))
        except TimeoutError:
            return Checkup.unseen(check.name, "There was no answer in time.")
        except Exception as error:  # noqa: BLE001  # one that stumbles hides no other
            return Checkup.unseen(
                check.name, f"The look failed: {type(error).__name__}."
            )
