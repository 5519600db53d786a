"""Write down what happened lately, which nobody waits for."""

from dataclasses import dataclass

from application.ports.hearing import Hearing
from application.ports.trail import Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepHistory:
    hearing: Hearing
    trail: Trail

    async def __call__(self) -> None:
        """Write what waits in memory; where nothing does, this costs nothing.

        Raises:
            StorageUnavailable: it waits on for the next time.
        """
        await self.hearing.flush()
        await self.trail.flush()
