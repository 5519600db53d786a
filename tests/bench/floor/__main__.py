"""`python -m tests.bench.floor`, with the settings of the service."""

import gc
import os

import uvicorn

from entrypoints.http.server import KEEP_ALIVE_SECONDS
from tests.bench.floor.app import floor_app


def main() -> None:
    """Serve as the service is served.

    So what was imported is not searched for garbage, either: a round in which it was
    would cost twice as much as the next.
    """
    gc.freeze()
    uvicorn.run(
        floor_app(os.environ),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


if __name__ == "__main__":
    main()
