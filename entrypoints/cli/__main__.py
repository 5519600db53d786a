"""What `spothold` runs, and `python -m entrypoints.cli`."""

import gc
from importlib import import_module


def main() -> None:
    """Bring in the commands and run one.

    What is brought in stays until the end.  To search it for garbage would cost a tenth
    of the start, and again and again a pause in the midst of requests.
    """
    gc.disable()
    commands = import_module("entrypoints.cli.main")
    gc.freeze()
    gc.enable()
    commands.main()


if __name__ == "__main__":
    main()
