"""What `spothold` runs, and `python -m entrypoints.cli`."""

import gc
import sys
from importlib import import_module


def main() -> None:
    """Bring in the command that is asked for, and run it.

    What is brought in stays until the end.  To search it for garbage would cost a tenth
    of the start, and again and again a pause in the midst of requests.
    """
    gc.disable()
    commands = import_module("entrypoints.cli.main")
    app = commands.asked_for(sys.argv[1:])
    gc.freeze()
    gc.enable()
    commands.main(app)


if __name__ == "__main__":
    main()
