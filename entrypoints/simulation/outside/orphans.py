from dataclasses import dataclass, field, replace

from application.ports.orphans import Orphan
from domain.checkout import Payer
from domain.ids import PurchaseId
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

    async def anonymise(self, purchase_id: PurchaseId) -> None:
        async with passing(self.gate, "orphans.anonymise"):
            for payment, orphan in self.stored.items():
                if orphan.session.purchase_id == purchase_id:
                    session = replace(orphan.session, payer=Payer())
                    self.stored[payment] = replace(orphan, session=session)
