import socket
from pathlib import Path

import pytest

from entrypoints.demo.options import DemoOptions, PortInUse, PortTwice, check_ports
from tests.demo.running import on_free_ports, start


def test_the_ports_are_those_that_people_rely_on() -> None:
    options = DemoOptions()
    assert [port for _, port, _ in options.ports()] == [8000, 12111, 1025, 8025]
    assert options.data_dir == Path("data/demo")


def test_free_ports_pass(tmp_path: Path) -> None:
    check_ports(on_free_ports(tmp_path))


def test_a_port_in_use_is_named_with_the_way_out(tmp_path: Path) -> None:
    options = on_free_ports(tmp_path)
    with (
        socket.create_server(("127.0.0.1", options.smtp_port)),
        pytest.raises(PortInUse, match=r"for mail, is in use.*--smtp-port"),
    ):
        check_ports(options)


def test_one_port_for_two_is_refused(tmp_path: Path) -> None:
    options = on_free_ports(tmp_path)
    twice = type(options)(port=options.port, simulator_port=options.port)
    with pytest.raises(PortTwice, match="--simulator-port"):
        check_ports(twice)


def test_the_command_says_so_in_one_line_and_touches_nothing(tmp_path: Path) -> None:
    options = on_free_ports(tmp_path / "demo")
    with socket.create_server(("127.0.0.1", options.port)):
        demo = start(options)
        said, complained = demo.rest()
    assert demo.process.returncode == 1
    assert said == ""
    assert complained == (
        f"Port {options.port}, for the service, is in use."
        " Stop what uses it, or choose another one with --port.\n"
    )
    assert not options.data_dir.exists()
