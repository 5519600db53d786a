"""Real processes, small ones: a web server in one line stands for the service."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import psutil
import pytest

from entrypoints.demo import minder
from entrypoints.demo.children import ChildEnded, Plan, first_to_end, running
from tests.demo.running import free_ports
from tests.waiting import eventually


def serving(port: int) -> Plan:
    return Plan(
        name="Web server",
        arguments=["-m", "http.server", str(port), "--bind", "127.0.0.1"],
        ready_url=f"http://127.0.0.1:{port}/",
    )


async def test_a_child_gets_ready_and_is_gone_after_the_body(
    tmp_path: Path,
) -> None:
    plan = serving(free_ports(1)[0])
    async with running(plan, logs=tmp_path, home=tmp_path) as child:
        await child.ready()
        programs = psutil.Process(child.process.pid).children(recursive=True)
        assert len(programs) == 1
        assert programs[0].is_running()
    assert not programs[0].is_running()
    assert "GET / HTTP/1.1" in (tmp_path / "web-server.log").read_text()


async def test_a_child_that_cannot_start_says_why(tmp_path: Path) -> None:
    broken = Plan(
        name="Broken",
        arguments=["-c", "raise SystemExit('no such luck')"],
        ready_url="http://127.0.0.1:9/",
    )
    with pytest.raises(ChildEnded, match="no such luck") as caught:
        async with running(broken, logs=tmp_path, home=tmp_path) as child:
            await child.ready()
    assert "Broken ended by itself (exit code 1)" in str(caught.value)
    assert str(tmp_path / "broken.log") in str(caught.value)


async def test_the_first_to_end_is_noticed(tmp_path: Path) -> None:
    one, two = (serving(port) for port in free_ports(2))
    logs = {name: tmp_path / name for name in ("one", "two")}
    for folder in logs.values():
        folder.mkdir()
    async with (
        running(one, logs=logs["one"], home=tmp_path) as lasting,
        running(two, logs=logs["two"], home=tmp_path) as dying,
    ):
        await dying.ready()
        psutil.Process(dying.process.pid).children()[0].kill()
        async with asyncio.timeout(10):
            ended = await first_to_end([lasting, dying])
        assert ended.child is dying
        assert lasting.process.returncode is None


async def test_a_program_ends_with_the_input_of_its_minder(tmp_path: Path) -> None:
    """That input ends when the demo closes it, or is killed."""
    sleeper = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, minder.__file__, "5", *sleeper), stdin=PIPE, cwd=tmp_path
    )
    minded = psutil.Process(process.pid)

    async def started() -> list[psutil.Process]:
        return minded.children()

    programs = await eventually(started)
    assert process.stdin is not None
    process.stdin.close()
    async with asyncio.timeout(10):
        await process.wait()
    assert not programs[0].is_running()
