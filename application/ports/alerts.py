from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from application.errors import ApplicationError


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
    """Tells the humans, in every way that is set up; the log always hears."""

    async def send(self, alert: Alert) -> None:
        """Tell the humans soon; neither waits nor fails, for it is the last resort.

        Of many alerts with one code in a short time some are held back, and told
        together a little later.
        """
        ...

    async def deliver(self, alert: Alert) -> bool:
        """Tell the humans now and wait for it; for what is remembered until then.

        Returns:
            Whether any of the ways took it, or there is none but the log.
        """
        ...

    async def flush(self) -> None:
        """Tell what was held back for long enough; never fails."""
        ...


class AlertNotTold(ApplicationError):
    """One way to the humans did not take an alert, or it is not known; `why` is short.

    It names neither an address nor a secret.
    """

    code = "alert_not_told"

    def __init__(self, why: str) -> None:
        super().__init__(f"The alert was not accepted: {why}")
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Alerts of one code that are told together, the first one in full.

    `more` counts those that are not here; the log has them.
    """

    alerts: tuple[Alert, ...]
    more: int = 0

    @property
    def first(self) -> Alert:
        return self.alerts[0]

    @property
    def others(self) -> tuple[Alert, ...]:
        return self.alerts[1:]


class AlertWay(Protocol):
    """One way to the humans, such as mail."""

    @property
    def name(self) -> str:
        """Return what it is called in the log."""
        ...

    async def tell(self, bundle: Bundle) -> None:
        """Hand it over, within some seconds.

        Raises:
            AlertNotTold: it was not accepted, or it is not known.
        """
        ...
