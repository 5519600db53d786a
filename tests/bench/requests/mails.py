"""What a mail costs, which leaves after the webhook that made it due was answered."""

import time
from collections.abc import Sequence
from typing import Final

from tests.bench.processes import cpu_seconds
from tests.bench.sides import Side
from tests.servers.smtp import MailSink
from tests.waiting import eventually

BATCHES: Final = 3
OF_A_BATCH: Final = 15  # fewer than the fewest that wait after a short run
PATIENCE: Final = 120.0  # seconds


async def mailed(side: Side, mail: MailSink, *, idle: float) -> Sequence[float]:
    """Let the mails go that were held up, and return the milliseconds that each had.

    One value for each batch; `idle` is the CPU time in a second with nothing to do.
    """
    mail.slowness = 0
    await arrived(mail, 1)  # the one that was held up is given up first
    return [await _of_a_batch(side, mail, idle=idle) for _ in range(BATCHES)]


async def _of_a_batch(side: Side, mail: MailSink, *, idle: float) -> float:
    count, cpu = len(mail.envelopes), cpu_seconds(side.pid)
    begun = time.perf_counter()
    await arrived(mail, count + OF_A_BATCH)
    idled = idle * (time.perf_counter() - begun)
    had = cpu_seconds(side.pid) - cpu - idled
    return had / (len(mail.envelopes) - count) * 1000


async def arrived(mail: MailSink, count: int) -> None:
    async def has_come() -> bool:
        return len(mail.envelopes) >= count

    await eventually(has_come, within=PATIENCE)
