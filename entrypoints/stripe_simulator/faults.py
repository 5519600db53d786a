"""Misfortune on demand."""

from fnmatch import fnmatchcase
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import asdict

Kind = Literal["delay", "status", "drop_before", "drop_after", "stall"]


class Fault(Struct, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong with which calls.

    Attributes:
        kind: `delay` waits before the effect, holding the idempotency key.  `status`
            answers an error.  `drop_before` and `drop_after` close the connection
            without an answer, before or after the effect.  `stall` has the effect,
            sends half of the answer and then nothing more.
        method: An HTTP method, or `*`.
        path: A pattern such as `/v1/checkout/sessions/*/expire`.
        skip: How many matching calls pass unharmed first.
        count: How many calls it then meets; none means every one.
        seconds: How long a delay is.
        status: The status of the error.
        is_saved: Whether the error is what the idempotency key will replay.
        has_effect: Whether a saved error hides a change that was made.
    """

    kind: Kind
    method: str = "*"
    path: str = "/v1/*"
    skip: int = 0
    count: int | None = 1
    seconds: float = 1.0
    status: int = 500
    is_saved: bool = False
    has_effect: bool = False

    def matches(self, method: str, path: str) -> bool:
        is_method = self.method in {"*", method}
        return is_method and fnmatchcase(path, self.path) and self.count != 0


class Faults:
    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def take(self, method: str, path: str) -> Fault | None:
        """Use up one turn of the first fault that this call meets."""
        for fault in self.pending:
            if not fault.matches(method, path):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.count is not None:
                fault.count -= 1
            return fault
        return None

    def shown(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.pending]
