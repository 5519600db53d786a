from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class CallWatch(Protocol):
    """Sees each question that another system is asked, and how it ended."""

    def watching(self, name: str) -> AbstractContextManager[None]:
        """Watch what is asked in the body of a `with`; what it raises goes on.

        Args:
            name: one of a few, for it becomes a label; never an id.
        """
        ...


class Unwatched:
    """Sees nothing: for commands, and where nobody asked for figures."""

    def watching(self, name: str) -> AbstractContextManager[None]:
        del name
        return nullcontext()
