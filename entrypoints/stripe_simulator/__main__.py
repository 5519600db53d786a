"""Run the simulator: `python -m entrypoints.stripe_simulator --port 12111`."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from entrypoints.stripe_simulator.app import create_simulator
from entrypoints.stripe_simulator.server import simulator_server
from entrypoints.stripe_simulator.simulator import SimulatorConfig


def main(arguments: list[str] | None = None) -> None:
    options = parse(arguments)
    config = SimulatorConfig(
        webhook_urls=tuple(options.webhook_url),
        webhook_secret=options.webhook_secret,
        memory=options.memory,
    )
    address = f"http://{options.host}:{options.port}"
    sys.stdout.write(f"Stripe simulator at {address}: no money moves.\n")
    sys.stdout.flush()
    app = create_simulator(config)
    simulator_server(app, host=options.host, port=options.port).run()


def parse(arguments: list[str] | None) -> Namespace:
    parser = ArgumentParser(
        prog="python -m entrypoints.stripe_simulator",
        description="A stand-in for Stripe.  It keeps state and moves no money.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=12111, help="port to listen on")
    parser.add_argument(
        "--webhook-url",
        action="append",
        default=[],
        help="endpoint to tell about events; may be given several times",
    )
    parser.add_argument(
        "--webhook-secret",
        default=SimulatorConfig().webhook_secret,
        help="what events are signed with (whsec_...)",
    )
    parser.add_argument(
        "--memory", type=Path, help="file that hands the account on to the next run"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
