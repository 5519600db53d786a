from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from application.ports.locks import LockStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many of something there are, and how old the oldest is."""

    count: int = 0
    oldest: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposition:
    """All figures as a scraper reads them, and what that form is called."""

    body: bytes
    content_type: str


class Metrics(Protocol):
    """Figures for whoever watches the service; they name nobody and decide nothing.

    No call waits or fails, for a figure must not stop what it counts.  What is shown
    replaces what was shown before; what is counted or timed is added.
    """

    def count_event(self, *, kind: str, outcome: str) -> None:
        """Count one delivery of an event, and what became of it."""
        ...

    def time_event(self, lag: timedelta) -> None:
        """Record how long an event of the provider was on its way to us."""
        ...

    def show_hearing(self, age: timedelta) -> None:
        """Show how long ago an event last reached any instance."""
        ...

    def time_request(
        self, *, method: str, route: str, status: int, took: timedelta
    ) -> None:
        """Count a request by the template of its route, and how long it took."""
        ...

    def time_call(self, *, call: str, outcome: str, took: timedelta) -> None:
        """Count one question to the payment provider, retries and pauses included.

        `outcome` is `ok`, the code of the error that ended it, `failed` or `cancelled`.
        """
        ...

    def time_lag(self, lag: timedelta) -> None:
        """Record how late the event loop was with what was due."""
        ...

    def show_tasks(self, tasks: int) -> None:
        """Show how many tasks of the event loop there are: who forgets one, leaks."""
        ...

    def time_wait(self, *, line: str, rank: str, outcome: str, took: timedelta) -> None:
        """Record how long somebody stood in a line of ours, and how that ended.

        `outcome` is `served`, `late` or `gone`; who did not have to wait is not told.
        """
        ...

    def count_shed(self, *, line: str, rank: str) -> None:
        """Count somebody who was sent away, at once or out of the line."""
        ...

    def show_waiting(self, count: int, *, line: str, rank: str) -> None:
        """Show how many stand in a line."""
        ...

    def count_throttle(self) -> None:
        """Count one answer of the payment provider that we ask too fast."""
        ...

    def show_pace(self, per_second: float) -> None:
        """Show how many requests a second we send to the payment provider at most."""
        ...

    def show_findings(self, standings: Mapping[str, Standing]) -> None:
        """Show differences that are open, by how bad they are."""
        ...

    def show_jobs(
        self,
        since_success: Mapping[str, timedelta],
        *,
        every: Mapping[str, timedelta],
    ) -> None:
        """Show how long ago each job last ended well, and how often it should."""
        ...

    def show_locks(self, statistics: LockStatistics) -> None:
        """Show who waits for whom."""
        ...

    def show_events(self, held: Standing) -> None:
        """Show how many events could not be applied, and since when."""
        ...

    def show_mail(self, waiting: Standing, *, dead: int) -> None:
        """Show how many mails wait, and how many wait for a human."""
        ...

    def show_money(self, standings: Mapping[str, Standing]) -> None:
        """Show money without an outcome, by what it waits for."""
        ...

    def exposition(self) -> Exposition:
        """Return all figures as they are."""
        ...
