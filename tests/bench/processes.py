"""What a process costs, read from outside it."""

import sys
import time
from pathlib import Path
from typing import Final

import psutil

MIB: Final = 1024 * 1024
NANOSECONDS: Final = 10**9


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has had, without that of its children.

    On Linux to the nanosecond: its clock has an id that clock_getcpuclockid(3) would
    tell.  Elsewhere in ticks, of which a short run has few.
    """
    if sys.platform == "linux":
        return time.clock_gettime((~pid << 3) | 2)
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def waited_for_a_core(pid: int) -> float:
    """Return the seconds that a process was ready to go on and another had the core.

    Of its main thread, and on Linux; elsewhere nothing is known, which is 0.
    """
    if sys.platform != "linux":
        return 0.0
    _, waited, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    return int(waited) / NANOSECONDS


def resident_mib(pid: int) -> float:
    """Return the memory that a process has in RAM, without that of its children."""
    return psutil.Process(pid).memory_info().rss / MIB
