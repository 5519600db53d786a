"""Debian's nginx before some services, with the configuration that `deploy/` ships.

Only what belongs to the place is put in: who listens where, and where logs go.
"""

import asyncio
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from tests.requirements import require_tool
from tests.servers.service import ROOT, free_port
from tests.waiting import eventually

NGINX: Final = Path(shutil.which("nginx") or "/usr/sbin/nginx")
SHIPPED: Final = ROOT / "deploy/compose/nginx.conf"
INSTANCE: Final = re.compile(r"^ *server (\w+):8000 ([^;]*);\n", re.MULTILINE)
# The last field but one of our log: one status for each instance that was asked.
UPSTREAM: Final = re.compile(r'" "([^"]*)" "[^"]*"$')
OWN: Final = frozenset({"502", "504"})  # what nginx notes where nobody answered
AROUND: Final = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{shipped}
}}
"""


def configuration(
    folder: Path, ports: Sequence[int], *, port: int, changes: Mapping[str, str]
) -> str:
    """Put the shipped file in its place; `changes` are lines to be said otherwise.

    Raises:
        ValueError: a line is not there, or more than once.
    """
    shipped = _with_instances(SHIPPED.read_text(), ports)
    for line, other in {
        "listen 8080;": f"listen 127.0.0.1:{port};",
        "/var/log/nginx/access.log": f"{folder}/access.log",
        "/var/log/nginx/error.log": f"{folder}/error.log",
        **changes,
    }.items():
        if shipped.count(line) != 1:
            raise ValueError(f"not once in {SHIPPED.name}: {line}")
        shipped = shipped.replace(line, other)
    return AROUND.format(folder=folder, shipped=shipped)


def _with_instances(shipped: str, ports: Sequence[int]) -> str:
    """Say of each port what is said of the first instance."""
    first = INSTANCE.findall(shipped)[0][0]
    said = [how for name, how in INSTANCE.findall(shipped) if name == first]
    places = "".join(
        f"server 127.0.0.1:{port} {how};\n" for how in said for port in ports
    )
    begun, _, _ = shipped.partition(f"    server {first}:8000")
    return begun + places + INSTANCE.sub("", shipped.removeprefix(begun))


@dataclass(kw_only=True)
class Nginx:
    """A balancer; `url` is where it listens."""

    folder: Path
    ports: Sequence[int]
    changes: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, *more: str) -> list[str]:
        """Write its files, and return the words that start it.

        Raises:
            ValueError: the shipped file is not as `changes` has it.
        """
        self.folder.mkdir(exist_ok=True)
        tool = require_tool(NGINX, fetch="apt-get install nginx")
        where = self.folder / "nginx.conf"
        where.write_text(
            configuration(self.folder, self.ports, port=self.port, changes=self.changes)
        )
        return [f"{tool}", "-p", f"{self.folder}", "-c", f"{where}", *more]

    def launch(self) -> None:
        self.process = subprocess.Popen(self.command())  # noqa: S603  # our own

    async def listens(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError((self.folder / "error.log").read_text())
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.transport.abort()
        return True

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Let it learn only afterwards, and in order, of what happens meanwhile."""
        await eventually(lambda: self._is(psutil.STATUS_SLEEPING))  # nothing half done
        self.process.send_signal(signal.SIGSTOP)
        try:
            await eventually(lambda: self._is(psutil.STATUS_STOPPED))
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    async def _is(self, status: str) -> bool:
        return psutil.Process(self.process.pid).status() == status

    def asked(self) -> Counter[str]:
        """Count requests by what the instances that were asked had answered.

        `"200"` is usual; `"502, 200"` was refused by one and went to another; one that
        ends with 502 or 504 was answered by no instance.
        """
        log = (self.folder / "access.log").read_text()
        found = (UPSTREAM.search(line) for line in log.splitlines())
        return Counter(each[1] for each in found if each is not None)

    def lost(self) -> int:
        """Count the requests to which no instance had an answer."""
        return sum(
            number
            for statuses, number in self.asked().items()
            if statuses.rpartition(", ")[2] in OWN
        )


@asynccontextmanager
async def nginx(
    folder: Path, ports: Sequence[int], changes: Mapping[str, str] | None = None
) -> AsyncIterator[Nginx]:
    """Run it for the body of an `async with`."""
    balancer = Nginx(folder=folder, ports=ports, changes=changes or {})
    balancer.launch()
    try:
        await eventually(balancer.listens)
        yield balancer
    finally:
        balancer.stop()
