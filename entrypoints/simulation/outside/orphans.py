from dataclasses import dataclass, field

from application.ports.orphans import Orphan
from entrypoints.simulation.outside.gates import Gate, give_way, passing


@dataclass(kw_only=True)
class InMemoryOrphanRepository:
    gate: Gate = give_way
    stored: dict[str, Orphan] = field(default_factory=dict)

    async def record(self, orphan: Orphan) -> bool:
        async with passing(self.gate, "orphans.record"):
            payment = orphan.session.payment_intent or orphan.session.id
            is_new = payment not in self.stored
            self.stored.setdefault(payment, orphan)
            return is_new
