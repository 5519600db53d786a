"""The parts of the bench, by name, in the order in which they run."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from tests.bench.burst.part import burst
from tests.bench.figures import Figure
from tests.bench.growth.part import growth
from tests.bench.lock.part import lock
from tests.bench.many.part import many
from tests.bench.options import Options
from tests.bench.overload.part import overload
from tests.bench.requests.part import requests
from tests.bench.soak.part import soak
from tests.bench.start.part import start

Part = Callable[[Options], Awaitable[Sequence[Figure]]]

PARTS: Final[Mapping[str, Part]] = {
    "requests": requests,
    "start": start,
    "growth": growth,
    "burst": burst,
    "soak": soak,
    "lock": lock,
    "overload": overload,
    "many": many,
}
