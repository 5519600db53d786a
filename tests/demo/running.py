"""The demo as a person starts it: the command, in a process of its own."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from entrypoints.demo.options import DemoOptions

IS_RUNNING = "The demo is running."
ROOT = Path(__file__).parents[2]
STOP_TIMEOUT = 60


@dataclass(slots=True)
class RunningDemo:
    options: DemoOptions
    process: subprocess.Popen[str] = field(repr=False)

    def programs(self) -> dict[str, psutil.Process]:
        """Return what it started, by a word of each command line."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        words = ("stripe_simulator", "inbox", "serve", "secantusd")
        return {
            word: each
            for word in words
            for each in found
            # Not the minders, whose command lines hold the same words.
            if any(word in part for part in each.cmdline())
            and not any(
                part.endswith(("minder.py", "keeper.py")) for part in each.cmdline()
            )
        }

    def stop(self) -> int:
        """Press Ctrl-C, as it were."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_TIMEOUT)

    def rest(self) -> tuple[str, str]:
        """Return what it still said, once it has ended."""
        return self.process.communicate(timeout=STOP_TIMEOUT)


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def on_free_ports(data_dir: Path) -> DemoOptions:
    service, simulator, smtp, inbox = free_ports(4)
    return DemoOptions(
        port=service,
        simulator_port=simulator,
        smtp_port=smtp,
        inbox_port=inbox,
        data_dir=data_dir,
    )


def start(options: DemoOptions) -> RunningDemo:
    command = [
        *(sys.executable, "-m", "entrypoints.cli", "demo"),
        *("--port", str(options.port)),
        *("--simulator-port", str(options.simulator_port)),
        *("--smtp-port", str(options.smtp_port)),
        *("--inbox-port", str(options.inbox_port)),
        *("--data-dir", str(options.data_dir)),
    ]
    process = subprocess.Popen(  # noqa: S603  # ours
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    return RunningDemo(options, process)


@contextmanager
def running_demo(options: DemoOptions) -> Iterator[RunningDemo]:
    """Run a demo for the body of a `with`, ready before it begins."""
    demo = start(options)
    with demo.process:
        try:
            _wait_until_ready(demo)
            yield demo
        finally:
            if demo.process.poll() is None:
                demo.stop()


def _wait_until_ready(demo: RunningDemo) -> None:
    assert demo.process.stdout is not None
    said = []
    for line in demo.process.stdout:
        said.append(line)
        if IS_RUNNING in line:
            return
    assert demo.process.stderr is not None
    raise AssertionError("".join([*said, demo.process.stderr.read()]))
