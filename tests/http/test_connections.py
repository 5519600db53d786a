"""How many may be connected follows from how many files the system gives."""

import subprocess
import sys

import pytest

ASKING = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from entrypoints.http.server import connections_max
print(connections_max(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "soft_then"),
    [
        (1024, 4096, 2000, 2200),  # Debian's shells give 1024 unless asked
        (4096, 4096, 2000, 4096),  # nobody's larger limit is lowered
        (256, 1024, 824, 1024),
        (100, 100, 1, 100),
    ],
)
def test_as_many_files_are_asked_for_as_there_may_be_connections(
    soft: int, hard: int, connections: int, soft_then: int
) -> None:
    code = ASKING.format(soft=soft, hard=hard)

    said = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert said.stdout.split() == [str(connections), str(soft_then), str(hard)]
