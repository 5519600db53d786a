"""Ids as they come in a path: what cannot be one names nothing."""

import re
from typing import Final

from application.ports.programs import ProgramNotFound
from application.ports.purchases import PurchaseNotFound
from domain.ids import ID_PATTERN, ProgramId, PurchaseId, SessionId

# `$` alone would let a line break pass at the end.
WHOLE_ID_PATTERN: Final = rf"^{ID_PATTERN}$(?!\n)"
_ID: Final = re.compile(ID_PATTERN)
_SESSION_ID: Final = re.compile(r"cs_[A-Za-z0-9_]{1,250}")


def to_purchase_id(text: str) -> PurchaseId:
    """Read a purchase's id.

    Raises:
        PurchaseNotFound: no purchase can have it.
    """
    if _ID.fullmatch(text) is None:
        raise PurchaseNotFound
    return PurchaseId(text)


def to_program_id(text: str) -> ProgramId:
    """Read a program's id.

    Raises:
        ProgramNotFound: no program can have it.
    """
    if _ID.fullmatch(text) is None:
        raise ProgramNotFound(ProgramId(""))
    return ProgramId(text)


def to_session_id(text: str) -> SessionId:
    """Read the id of a checkout session.

    Raises:
        PurchaseNotFound: no purchase can have such a session.
    """
    if _SESSION_ID.fullmatch(text) is None:
        raise PurchaseNotFound
    return SessionId(text)
