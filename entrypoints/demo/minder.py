"""Stands between the demo and one of its programs, so that it never outlives the demo.

A program of its own, run by path, standard library only:

    python minder.py GRACE_SECONDS COMMAND...

It stops COMMAND as soon as its standard input ends.  That is what happens when the demo
closes the pipe, and also when the demo is killed: the kernel closes it.
"""

import os
import signal
import subprocess
import sys
import threading


def stop(program: subprocess.Popen[bytes], grace: float) -> None:
    program.terminate()
    try:
        program.wait(grace)
    except subprocess.TimeoutExpired:
        program.kill()


def stop_at_end_of_input(program: subprocess.Popen[bytes], grace: float) -> None:
    while os.read(0, 1024):
        pass
    stop(program, grace)


def main(grace: float, command: list[str]) -> int:
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 -- ours
    signal.signal(signal.SIGTERM, lambda *_: program.terminate())
    watch = threading.Thread(target=stop_at_end_of_input, args=(program, grace))
    watch.daemon = True
    watch.start()
    return program.wait()


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
