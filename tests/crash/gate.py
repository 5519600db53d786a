"""The gate at which something happens to whoever passes it at one moment."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from application.ports.mail import MailNotSent
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.storage import StorageUnavailable
from tests.fakes.turnstile import Crash, Turnstile


class Fault(StrEnum):
    CRASH = "crash"  # the process dies, with all that it has in memory
    CANCEL = "cancel"  # somebody hung up; the process lives on
    LOST = "lost"  # the connection: the caller cannot know whether it happened


@dataclass(frozen=True, slots=True)
class Blow:
    """A fault at a moment, counted from 0."""

    fault: Fault
    point: int


SILENCE: Final[dict[str, Callable[[], Exception]]] = {
    "payments": lambda: PaymentGatewayUnavailable("no answer"),
    "mailer": lambda: MailNotSent("no answer"),
}


class StrikingGate(Turnstile):
    """Strikes once, at the moment of its blow; `watch` hears of each effect.

    Moments come in pairs, before and after the effect of a call, so that each fault
    strikes a call that was never made and one whose answer got lost.
    """

    def __init__(self, watch: Callable[[str], None]) -> None:
        super().__init__()
        self._watch = watch
        self._blow: Blow | None = None
        self.is_dead = False

    async def __call__(self, moment: str) -> None:
        if self.is_dead:
            raise Crash(moment)
        if moment.startswith("after"):
            self._watch(moment)
        self.moments.append(moment)
        blow = self._blow
        if blow is not None and blow.point == len(self.moments) - 1:
            self._strike(blow.fault, moment)

    def arm(self, blow: Blow | None) -> None:
        """Count from here, in a new process if the last one died."""
        self.disarm()
        self._blow = blow
        self.forget()

    def disarm(self) -> None:
        """Let everything pass from here, and go on counting."""
        self._blow = None
        self.is_dead = False

    def crash_at(self, number: int | None) -> None:
        self.arm(None if number is None else Blow(Fault.CRASH, number))

    def _strike(self, fault: Fault, moment: str) -> None:
        if fault is Fault.CRASH:
            self.is_dead = True
            raise Crash(moment)
        if fault is Fault.CANCEL:
            raise asyncio.CancelledError
        port = moment.partition(" ")[2].partition(".")[0]
        silence = SILENCE.get(port, StorageUnavailable)
        raise silence()
