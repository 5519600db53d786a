from time import time


class Clock:
    """The simulator's time, which a test may push forward."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> int:
        return int(time() + self.offset)

    def exact(self) -> float:
        return time() + self.offset
