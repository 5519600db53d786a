"""What may be said about a demo, and whether it can be had."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"


class DemoRefused(Exception):
    """The demo cannot start, or cannot go on; the message says what to do."""


class PortInUse(DemoRefused):
    def __init__(self, *, what: str, port: int, option: str) -> None:
        super().__init__(
            f"Port {port}, for {what}, is in use."
            f" Stop what uses it, or choose another one with {option}."
        )
        self.port = port


class PortTwice(DemoRefused):
    def __init__(self, *, port: int, option: str) -> None:
        super().__init__(f"Port {port} is wanted twice; choose another with {option}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    port: int = 8000
    simulator_port: int = 12111
    smtp_port: int = 1025
    inbox_port: int = 8025
    data_dir: Path = Path("data/demo")
    reset: bool = False

    @property
    def shop_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def simulator_url(self) -> str:
        return f"http://{HOST}:{self.simulator_port}"

    @property
    def inbox_url(self) -> str:
        return f"http://{HOST}:{self.inbox_port}"

    @property
    def smtp_url(self) -> str:
        return f"smtp://{HOST}:{self.smtp_port}"

    def ports(self) -> Iterator[tuple[str, int, str]]:
        yield "the service", self.port, "--port"
        yield "the Stripe simulator", self.simulator_port, "--simulator-port"
        yield "mail", self.smtp_port, "--smtp-port"
        yield "the inbox page", self.inbox_port, "--inbox-port"


def check_ports(options: DemoOptions) -> None:
    """Look at every port before anything starts.

    Raises:
        PortInUse: somebody listens there.
        PortTwice: two of them are the same.
    """
    seen = set[int]()
    for what, port, option in options.ports():
        if port in seen:
            raise PortTwice(port=port, option=option)
        seen.add(port)
        if not _is_free(port):
            raise PortInUse(what=what, port=port, option=option)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: what only waits for its last packets is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
