from dataclasses import dataclass, field, replace
from datetime import datetime

from application.ports.idempotency import KeptAnswer, KeptKey
from entrypoints.simulation.outside.gates import Gate, give_way, passing


@dataclass(kw_only=True)
class InMemoryIdempotencyKeys:
    gate: Gate = give_way
    rows: dict[str, KeptKey] = field(default_factory=dict)
    expiries: dict[str, datetime] = field(default_factory=dict)

    async def begin(
        self,
        key: str,
        *,
        fingerprint: str,
        at: datetime,
        until: datetime,
        expires_at: datetime,
    ) -> bool:
        async with passing(self.gate, "keys.begin"):
            if key in self.rows and self.expiries[key] > at:
                return False
            self.rows[key] = KeptKey(fingerprint=fingerprint, until=until)
            self.expiries[key] = expires_at
            return True

    async def find(self, key: str) -> KeptKey | None:
        async with passing(self.gate, "keys.find"):
            return self.rows.get(key)

    async def take_over(self, key: str, *, since: datetime, until: datetime) -> bool:
        async with passing(self.gate, "keys.take_over"):
            return self._change(key, held_until=since, until=until)

    async def keep(self, key: str, answer: KeptAnswer, *, until: datetime) -> bool:
        async with passing(self.gate, "keys.keep"):
            return self._change(key, held_until=until, until=until, answer=answer)

    async def release(self, key: str, *, until: datetime, at: datetime) -> bool:
        async with passing(self.gate, "keys.release"):
            return self._change(key, held_until=until, until=at)

    def _change(
        self,
        key: str,
        *,
        held_until: datetime,
        until: datetime,
        answer: KeptAnswer | None = None,
    ) -> bool:
        row = self.rows.get(key)
        if row is None or row.until != held_until or row.answer is not None:
            return False
        self.rows[key] = replace(row, until=until, answer=answer)
        return True
