from dataclasses import dataclass

from application.ports.hearing import Heard
from entrypoints.simulation.outside.gates import Gate, give_way, passing


@dataclass(kw_only=True)
class InMemoryHearing:
    gate: Gate = give_way
    waiting: Heard | None = None
    written: Heard | None = None

    def note(self, heard: Heard) -> None:
        self.waiting = _later(self.waiting, heard)

    async def flush(self) -> None:
        async with passing(self.gate, "hearing.flush"):
            if self.waiting is not None:
                self.written = _later(self.written, self.waiting)
                self.waiting = None

    async def last(self) -> Heard | None:
        async with passing(self.gate, "hearing.last"):
            if self.waiting is None:
                return self.written
            return _later(self.written, self.waiting)


def _later(before: Heard | None, heard: Heard) -> Heard:
    return heard if before is None or before.at <= heard.at else before
