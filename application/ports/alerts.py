from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that a human must see.

    `code` is stable, for filters; `next_step` says what to do; `facts` name purchases,
    sessions and events, never people.
    """

    code: str
    message: str
    next_step: str
    facts: Mapping[str, str | int | None] = field(default_factory=dict)


class Alerts(Protocol):
    async def send(self, alert: Alert) -> None:
        """Tell the humans; never fails, for it is the last resort itself."""
        ...
