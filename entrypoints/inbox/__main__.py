"""python -m entrypoints.inbox [--smtp-port 1025] [--port 8025] [--host 127.0.0.1]."""

import argparse
import asyncio
import signal

from entrypoints.inbox.server import running_inbox


async def main() -> None:
    parser = argparse.ArgumentParser(prog="inbox", description=__doc__)
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--port", type=int, default=8025)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running_inbox(**vars(options)) as inbox:
        print(f"Inbox: {inbox.url} (mail to {inbox.smtp_url})", flush=True)  # noqa: T201
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
