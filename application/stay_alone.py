"""Find those that keep a lock of their own beside ours for longer than a deploy."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from application.ports.instances import Instance, Instances
from application.show_life import SILENT_AFTER, ShowLife


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Those who were seen to beat beside us, with no lock in common.

    Args:
        others: by name.
        is_overdue: a deploy would be over, so that they are there to stay.
        has_elder: one of them began before us, so that it is for us to go.
    """

    others: tuple[Instance, ...] = ()
    is_overdue: bool = False
    has_elder: bool = False


@dataclass(slots=True, kw_only=True)
class StayAlone:
    """Look who beats beside us (docs/adr/0031).

    One that crashed is listed until it is silent for long enough, so only a beat
    between two looks of ours proves a life.  Nothing but the order of what is stored is
    compared with another's clock, and of two only one is the elder.
    """

    instances: Instances
    life: ShowLife
    overlap: timedelta
    _beats: dict[str, datetime] = field(default_factory=dict)

    async def __call__(self) -> Company:
        """Return what company there is; those who share our lock are none.

        Raises:
            StorageUnavailable: nobody knows; the next look tells.
        """
        if self.life.lock != "memory":
            return Company()
        at = self.life.clock.now()
        listed = await self.instances.seen_since(at - SILENT_AFTER)
        others = tuple(each for each in listed if self._has_beaten(each))
        self._beats = {each.name: each.seen_at for each in listed}
        return Company(
            others=others,
            is_overdue=at - self.life.since >= self.overlap,
            has_elder=any(map(self._is_elder, others)),
        )

    def _has_beaten(self, each: Instance) -> bool:
        before = self._beats.get(each.name)
        is_other = each.name != self.life.worker
        return is_other and before is not None and before < each.seen_at

    def _is_elder(self, other: Instance) -> bool:
        if other.since is None:
            return True  # of a version that did not say
        return (other.since, other.name) < (self.life.since, self.life.worker)
