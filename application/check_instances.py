"""Look at how many instances run, and whether they share their lock."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.instances import Instances
from application.ports.probes import LockProbe, LockSilent
from application.show_life import SILENT_AFTER
from domain.checkups import Checkup


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInstances:
    """Safety does not rest on the lock; without a shared one, buyers meet more errors.

    A deploy runs two for a while, so it only warns.
    """

    clock: Clock
    instances: Instances
    lock: str
    is_enforced: bool = False
    name: str = "instances"

    async def __call__(self) -> Checkup:
        since = self.clock.now() - SILENT_AFTER
        live = await self.instances.seen_since(since)
        locks = {each.lock for each in live} | {self.lock}
        if len(live) > 1 and locks != {"redis"}:
            names = ", ".join(f"{each.name} ({each.lock})" for each in live)
            return Checkup.warning(
                self.name,
                f"{len(live)} are alive and do not share one lock: {names}.",
                "Unless a deploy is under way: set LOCK_BACKEND=redis for all of them,"
                " or run one." + self._what_follows(),
            )
        return Checkup.fine(
            self.name, f"{len(live)} alive; the lock is of kind {self.lock}."
        )

    def _what_follows(self) -> str:
        if not self.is_enforced:
            return ""
        return "  SINGLE_INSTANCE_ENFORCE soon ends the one that began last."


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLock:
    """`probe` is None where each instance locks by itself: there is nothing to ask."""

    probe: LockProbe | None
    name: str = "lock"

    async def __call__(self) -> Checkup:
        if self.probe is None:
            return Checkup.fine(self.name, "Each instance locks in its own memory.")
        try:
            await self.probe.greet()
        except LockSilent as error:
            return Checkup.broken(
                self.name,
                f"{error}  Sales go on, and double clicks meet more errors.",
                "Check REDIS_URL, and that Redis runs.",
            )
        return Checkup.fine(self.name, "Redis, which the instances share, answers.")
