from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.ports.instances import Instance
from entrypoints.simulation.outside.gates import Gate, give_way, passing


@dataclass(kw_only=True)
class InMemoryInstances:
    gate: Gate = give_way
    known: dict[str, Instance] = field(default_factory=dict)

    async def beat(self, instance: Instance) -> None:
        async with passing(self.gate, "instances.beat"):
            before = self.known.get(instance.name)
            if before is None or before.seen_at <= instance.seen_at:
                self.known[instance.name] = instance

    async def forget(self, name: str, *, seen_by: datetime) -> None:
        async with passing(self.gate, "instances.forget"):
            before = self.known.get(name)
            if before is not None and before.seen_at <= seen_by:
                del self.known[name]

    async def seen_since(self, since: datetime) -> Sequence[Instance]:
        async with passing(self.gate, "instances.seen_since"):
            found = [each for each in self.known.values() if each.seen_at >= since]
            return sorted(found, key=lambda each: each.name)
