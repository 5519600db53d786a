"""One id for each request: in its answer, in its log lines, in its problems."""

import re
from typing import Any, Final
from uuid import uuid4

HEADER: Final = b"x-request-id"
KEY: Final = "request_id"
SANE: Final = re.compile(rb"[A-Za-z0-9._:-]{8,64}")


def give_request_id(scope: Any) -> str:
    """Accept the caller's id if it is one harmless word, or mint one."""
    offered = [value for name, value in scope["headers"] if name == HEADER]
    is_sane = len(offered) == 1 and SANE.fullmatch(offered[0])
    request_id: str = offered[0].decode("ascii") if is_sane else uuid4().hex
    scope.setdefault("state", {})[KEY] = request_id
    return request_id


def request_id_of(scope: Any) -> str:  # any flavour of ASGI scope
    return str(scope["state"][KEY])
