"""Who holds which lock."""

from entrypoints.storefront.answers import Answer


class HeldAnswer(Answer, frozen=True):
    key: str
    operation: str
    age_ms: float
    queue: int


class StepAnswer(Answer, frozen=True):
    """How many took up to that long and longer than the step before; None: longer."""

    up_to_ms: float | None
    count: int


class LocksAnswer(Answer, frozen=True):
    """Times in milliseconds; `average_wait_time` as well."""

    active_locks: int
    total_locks_acquired: int
    average_wait_time: float
    health: str
    waiting: int
    timeouts: int
    contended: int
    p95_wait_ms: float
    p95_hold_ms: float
    waits: list[StepAnswer]
    holds: list[StepAnswer]
    held: list[HeldAnswer]
